import * as fc from 'fast-check';
import type { TakenPage } from '../../store/frontier.js';
import { byOrder, HostPages } from './host-pages.js';

function page(seq: number, priority = 0, depth = 0): TakenPage {
  return {
    url: `http://site.test/${seq}`,
    host: 'site.test',
    rule: 'page',
    depth,
    priority,
    redirects: 0,
    carried: '',
    seq,
    attempt: 0,
    etag: '',
    lastModified: '',
  };
}

describe('the pages of a host in hand', () => {
  it('go in the order of priority, then depth, then discovery, also when better ones come later', () => {
    const pages = new HostPages();
    pages.takes();
    pages.took([page(1, 0, 1), page(2, 0, 1)], 16);
    expect(pages.wantsMore).toBe(false);
    pages.discovered({ priority: 0, depth: 2 });
    pages.takes();
    pages.took([page(3, 0, 2)], 16);
    pages.discovered({ priority: 5, depth: 2 });
    expect(pages.wantsMore).toBe(true);
    pages.takes();
    pages.took([page(4, 5, 2)], 16);
    expect([pages.begin(), pages.begin(), pages.begin(), pages.begin()].map((each) => each?.seq)).toEqual([
      4, 1, 2, 3,
    ]);
  });

  it('are exhausted only when nothing is in hand and the frontier had no more, though news came meanwhile', () => {
    const pages = new HostPages();
    expect(pages.isExhausted).toBe(false);
    pages.takes();
    pages.discovered({ priority: 0, depth: 0 });
    pages.took([], 16);
    expect(pages.isExhausted).toBe(false);
    pages.takes();
    pages.took([page(1)], 16);
    pages.begin();
    expect(pages.isExhausted).toBe(false);
    pages.settled(1);
    expect(pages.isExhausted).toBe(true);
  });

  it('are each begun once, all of them, whatever is put back or dropped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ priority: fc.nat({ max: 3 }), depth: fc.nat({ max: 3 }) }), { maxLength: 60 }),
        fc.array(fc.constantFrom('take', 'begin', 'settle', 'putBack', 'drop'), { maxLength: 200 }),
        (all, steps) => {
          const queued = new Map(
            all.map(({ priority, depth }, index) => [index, page(index, priority, depth)]),
          );
          const begun: TakenPage[] = [];
          const done: number[] = [];
          const pages = new HostPages();
          const step = (what: (typeof steps)[0]): void => {
            if (what === 'take' && pages.wantsMore) {
              const held = pages.held();
              const { limit } = pages;
              pages.takes();
              const taken = [...queued.values()].filter(({ seq }) => !held.includes(seq)).sort(byOrder);
              pages.took(taken.slice(0, limit), limit);
            } else if (what === 'begin') {
              const next = pages.begin();
              if (next !== undefined) begun.push(next);
            } else if (what === 'settle') {
              const next = begun.shift();
              if (next === undefined) return;
              expect(queued.delete(next.seq)).toBe(true);
              done.push(next.seq);
              pages.settled(next.seq);
            } else if (what === 'putBack') {
              const next = begun.pop();
              if (next !== undefined) pages.putBack(next);
            } else if (what === 'drop') pages.drop();
          };
          steps.forEach(step);
          while (!pages.isExhausted) for (const what of ['take', 'begin', 'settle'] as const) step(what);
          expect(done.sort((a, b) => a - b)).toEqual(all.map((_, index) => index));
        },
      ),
    );
  });
});
