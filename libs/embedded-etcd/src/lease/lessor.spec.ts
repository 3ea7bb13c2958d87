import fc from 'fast-check';
import { ExpiryHeap } from './expiry-heap.js';
import { Lessor } from './lessor.js';

let now = 0;
let lessor: Lessor;

beforeEach(() => {
  now = 1000;
  lessor = new Lessor(() => now);
});

it('ends a lease when its time is over, and not before', () => {
  lessor.grant(1n, 5);
  expect(lessor.nextExpiryAt).toBe(6000);
  now = 5999;
  expect(lessor.takeExpired()).toEqual([]);
  expect(lessor.isExpired(1n)).toBe(false);
  now = 6000;
  expect(lessor.isExpired(1n)).toBe(true);
  expect(lessor.takeExpired()).toEqual([1n]);
  expect(lessor.takeExpired()).toEqual([]);
});

it('gives a renewed lease its whole time again', () => {
  lessor.grant(1n, 5);
  lessor.grant(2n, 6);
  now = 5000;
  lessor.renew(1n);
  expect(lessor.remainingMs(1n)).toBe(5000);
  expect(lessor.list().map(({ id }) => id)).toEqual([2n, 1n]);
  expect(lessor.nextExpiryAt).toBe(7000);
});

it('goes on after a restart with what was recorded last', () => {
  lessor.grant(1n, 60);
  now += 20_000;
  expect(lessor.takeCheckpoints('due')).toEqual([{ id: 1n, remainingMs: 40_000 }]);
  expect(lessor.takeCheckpoints('due')).toEqual([]);
  now += 1_000_000;
  const restarted = new Lessor(() => now);
  restarted.restore(lessor.capture());
  now += 500;
  restarted.resume();
  expect(restarted.remainingMs(1n)).toBe(40_000);
});

it('has a renewal recorded after a checkpoint that promised less, even one that is not written yet', () => {
  lessor.grant(1n, 60);
  expect(lessor.hasCheckpoint(1n)).toBe(false);
  now += 20_000;
  const { remainingMs } = lessor.takeCheckpoints('due')[0]!;
  expect(lessor.hasCheckpoint(1n)).toBe(true);
  lessor.checkpoint(1n, remainingMs);
  lessor.checkpoint(1n, 60_000);
  expect(lessor.hasCheckpoint(1n)).toBe(false);
});

it('records nothing of a lease that is over', () => {
  lessor.grant(1n, 5);
  now += 10_000;
  expect(lessor.takeCheckpoints('all')).toEqual([]);
});

it('has the member that expires first at the top of its heap, whatever is done to it', () => {
  const step = fc.record({ member: fc.nat(7), at: fc.nat(50), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = new ExpiryHeap<{ expiresAt: number; heapPosition: number }>();
      const members = Array.from({ length: 8 }, () => ({ expiresAt: 0, heapPosition: -1 }));
      const inside = new Set<(typeof members)[number]>();
      for (const { member: i, at, remove } of steps) {
        const member = members[i]!;
        if (remove) {
          heap.remove(member);
          inside.delete(member);
        } else {
          member.expiresAt = at;
          heap.update(member);
          inside.add(member);
        }
        const earliest = Math.min(...[...inside].map(({ expiresAt }) => expiresAt));
        expect(heap.first?.expiresAt ?? Infinity).toBe(earliest);
      }
    }),
  );
});
