import type { WatchEvent } from '@app/etcd';
import { keys } from '@app/resources';
import { movesIn } from './moves.js';

function event(type: WatchEvent['type'], key: string, modRevision: bigint): WatchEvent {
  return { type, kv: { key, value: '', modRevision, createRevision: 0n, version: 1n, leaseId: 0n } };
}
const put = (node: string, name: string, revision: bigint) =>
  event('put', keys.assignment(node, name), revision);
const taken = (node: string, name: string, revision: bigint) =>
  event('delete', keys.assignment(node, name), revision);

describe('moves', () => {
  it('are names taken from one worker and given to another at one revision, counted together', () => {
    const events = [
      taken('w-1', 'a', 5n),
      put('w-2', 'a', 5n),
      put('w-2', 'b', 6n),
      taken('w-1', 'b', 6n),
      taken('w-1', 'c', 7n),
      put('w-3', 'c', 7n),
    ];
    expect(movesIn(events)).toEqual([
      { from: 'w-1', to: 'w-2', count: 2 },
      { from: 'w-1', to: 'w-3', count: 1 },
    ]);
  });

  it.each([
    ['an addition', [put('w-1', 'a', 5n)]],
    ['a removal', [taken('w-1', 'a', 5n)]],
    ['another run on the same worker', [put('w-1', 'a', 5n), put('w-1', 'a', 6n)]],
    ['a removal and a later addition elsewhere', [taken('w-1', 'a', 5n), put('w-2', 'a', 6n)]],
    ['a change of something else', [event('delete', keys.drain('w-1'), 5n)]],
  ])('are none for %s', (_, events) => {
    expect(movesIn(events)).toEqual([]);
  });
});
