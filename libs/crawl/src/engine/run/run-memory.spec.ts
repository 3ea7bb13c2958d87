import { parseTaskSpec } from '@app/tasks';
import { RunMemory } from './run-memory.js';

const spec = parseTaskSpec({
  seeds: ['http://site.test/a', 'http://other.test/'],
  cookie: 'user=me; lang=de',
});
const run = { run: 1, retry: 0, itemCount: 5 };

describe('the memory of a run', () => {
  it('begins with the cookies of the spec, for the hosts of its seeds', () => {
    const { cookies, isNew, spentMs, itemsBefore } = new RunMemory('', run, spec);
    expect({ isNew, spentMs, itemsBefore }).toEqual({ isNew: true, spentMs: 0, itemsBefore: 5 });
    expect(cookies.getCookieStringSync('http://site.test/deep/page')).toBe('user=me; lang=de');
    expect(cookies.getCookieStringSync('http://third.test/')).toBe('');
  });

  it('goes on where it was, with its cookies', () => {
    const memory = new RunMemory('', run, spec);
    memory.hasGood = true;
    memory.cookies.setCookieSync('session=1; Max-Age=1000', 'http://site.test/');
    const again = new RunMemory(memory.encode(1_234, 'worker-1'), { ...run, itemCount: 9 }, spec);
    expect(again).toMatchObject({
      isNew: false,
      hasGood: true,
      spentMs: 1_234,
      itemsBefore: 5,
      leftBy: 'worker-1',
    });
    expect(again.cookies.getCookieStringSync('http://site.test/')).toBe('user=me; lang=de; session=1');
  });

  it('of another run keeps nothing but the cookies', () => {
    const memory = new RunMemory('', run, spec);
    memory.hasGood = true;
    const next = new RunMemory(memory.encode(1_234, 'worker-1'), { run: 2, retry: 0, itemCount: 9 }, spec);
    expect(next).toMatchObject({
      isNew: false,
      hasGood: false,
      spentMs: 0,
      itemsBefore: 9,
      leftBy: undefined,
    });
    expect(next.cookies.getCookieStringSync('http://site.test/')).toBe('user=me; lang=de');
  });

  it('fits into its place, whatever hosts set', () => {
    const memory = new RunMemory('', run, spec);
    for (let host = 0; host < 200; host++) {
      memory.cookies.setCookieSync(`big=${'x'.repeat(3_000)}`, `http://${host}.test/`);
    }
    const text = memory.encode(0, 'worker-1');
    expect(text.length).toBeLessThan(64 * 1024);
    expect(new RunMemory(text, run, spec).isNew).toBe(false);
  });
});
