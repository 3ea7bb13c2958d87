import { Slots } from './slots.js';

const never = new AbortController().signal;

describe('Slots', () => {
  it('gives as many as there are, the others in the order they asked', async () => {
    const slots = new Slots(1, 10);
    const order: number[] = [];
    const first = await slots.take(never);
    const others = [1, 2].map(async (number) => {
      const giveBack = await slots.take(never);
      order.push(number);
      giveBack?.();
    });
    first?.();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
    expect(await slots.take(never)).toBeDefined();
  });

  it('gives nothing when too many wait', async () => {
    const slots = new Slots(1, 1);
    const first = await slots.take(never);
    const second = slots.take(never);
    expect(await slots.take(never)).toBeUndefined();
    first?.();
    expect(await second).toBeDefined();
  });

  it('leaves out who has given up waiting', async () => {
    const slots = new Slots(1, 10);
    const first = await slots.take(never);
    const abort = new AbortController();
    const given = slots.take(abort.signal);
    const next = slots.take(never);
    abort.abort();
    expect(await given).toBeUndefined();
    first?.();
    expect(await next).toBeDefined();
  });
});
