import { BodyMemory } from './body-memory.js';

describe('BodyMemory', () => {
  const memory = (): BodyMemory => new BodyMemory(100);

  it('lets bodies grow while there is room for all', () => {
    const all = memory();
    const [a, b] = [all.open(), all.open()];
    expect([a.grow(50, () => {}), b.grow(50, () => {})]).toEqual([true, true]);
  });

  it('lets one go on beyond the bound and keeps the others waiting until there is room', () => {
    const all = memory();
    const [a, b, c] = [all.open(), all.open(), all.open()];
    const went: string[] = [];
    a.grow(60, () => went.push('a'));
    expect(b.grow(60, () => went.push('b'))).toBe(true);
    expect(c.grow(10, () => went.push('c'))).toBe(false);
    expect(a.grow(10, () => went.push('a'))).toBe(false);
    expect(b.grow(1_000, () => went.push('b'))).toBe(true);
    expect(went).toEqual([]);
    b.close();
    expect(went).toEqual(['c', 'a']);
  });

  it('favours another one when the one before is done and there is still no room', () => {
    const all = memory();
    const [a, b, c] = [all.open(), all.open(), all.open()];
    const went: string[] = [];
    a.grow(101, () => {});
    b.grow(200, () => went.push('b'));
    c.grow(200, () => went.push('c'));
    a.close();
    expect(went).toEqual(['b']);
    b.close();
    expect(went).toEqual(['b', 'c']);
  });

  it('forgets one that is given up while it waits', () => {
    const all = memory();
    const [a, b] = [all.open(), all.open()];
    const went: string[] = [];
    a.grow(101, () => {});
    b.grow(10, () => went.push('b'));
    b.close();
    a.close();
    expect(went).toEqual([]);
    expect(all.open().grow(100, () => {})).toBe(true);
  });
});
