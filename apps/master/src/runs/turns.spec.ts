import { Turns } from './turns.js';

describe('turns', () => {
  it('come one after another for a name, also after one that failed, and at once for others', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const act = (what: string) => async () => {
      told.push(`${what} begins`);
      await new Promise(setImmediate);
      told.push(`${what} ends`);
      if (what === 'a1') throw new Error('a1 fails');
      return what;
    };
    const all = [turns.take('a', act('a1')), turns.take('a', act('a2')), turns.take('b', act('b1'))];
    await expect(all[0]).rejects.toThrow('a1 fails');
    expect(await Promise.all(all.slice(1))).toEqual(['a2', 'b1']);
    expect(told.filter((what) => what.startsWith('a'))).toEqual([
      'a1 begins',
      'a1 ends',
      'a2 begins',
      'a2 ends',
    ]);
    expect(told.indexOf('b1 begins')).toBeLessThan(told.indexOf('a1 ends'));
  });
});
