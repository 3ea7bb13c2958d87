import * as fc from 'fast-check';
import { LoadOrder } from './load-order.js';

describe('LoadOrder', () => {
  it('goes round among the equally loaded', () => {
    const order = new LoadOrder<{ id: string; load: number }>();
    const nodes = ['a', 'b', 'c'].map((id) => ({ id, load: 0 }));
    for (const node of nodes) order.add(node);
    const picked = Array.from({ length: 7 }, () => {
      const node = order.least()!;
      node.load += 1;
      order.changed(node);
      return node.id;
    });
    expect(picked.join('')).toBe('abcabca');
  });

  it('finds an extreme whatever came, went and changed', () => {
    const action = fc.record({
      node: fc.nat(7),
      do: fc.constantFrom('add', 'delete', 'load'),
      by: fc.integer({ min: -4, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const order = new LoadOrder<{ load: number }>();
        const nodes = Array.from({ length: 8 }, () => ({ load: 0 }));
        const present = new Set<{ load: number }>();
        for (const { node: index, do: what, by } of actions) {
          const node = nodes[index]!;
          if (what === 'add' && !present.has(node)) {
            present.add(node);
            order.add(node);
          } else if (what === 'delete') {
            present.delete(node);
            order.delete(node);
          } else if (what === 'load') {
            node.load = Math.max(0, node.load + by);
            order.changed(node);
          }
          const loads = Array.from(present, ({ load }) => load);
          expect(order.size).toBe(present.size);
          expect(order.least()?.load).toBe(present.size === 0 ? undefined : Math.min(...loads));
          expect(order.most()?.load).toBe(present.size === 0 ? undefined : Math.max(...loads));
        }
      }),
    );
  });
});
