import { Slots } from './slots.js';

const FOREVER = new AbortController().signal;

describe('slots', () => {
  it('let in as many as there are, then whoever waits longest', async () => {
    const slots = new Slots(2);
    const entered: string[] = [];
    const enter = async (name: string) => {
      const leave = await slots.enter(FOREVER);
      entered.push(name);
      return leave;
    };
    const [first, , third] = ['a', 'b', 'c', 'd'].map(enter);
    (await first)?.();
    await third;
    expect(entered).toEqual(['a', 'b', 'c']);
    (await third)?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
  });

  it('pass over who gave up', async () => {
    const slots = new Slots(1);
    const leave = await slots.enter(FOREVER);
    const impatient = new AbortController();
    const second = slots.enter(impatient.signal);
    const third = slots.enter(FOREVER);
    impatient.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    leave();
    await expect(third).resolves.toBeInstanceOf(Function);
    await expect(slots.enter(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});
