import type { KeyValue, WatchEvent } from '@app/etcd';
import { encodeControl, keys, type Control } from '@app/resources';
import { steeringIn } from './steering.js';

const FIRST: Control = { paused: false, run: 1, retry: 0, generation: 0 };

function kv(control: Control, id = 'id-1', version = 2n): KeyValue {
  const value = encodeControl(control, id);
  return { key: keys.control('books'), value, modRevision: 9n, createRevision: 5n, version, leaseId: 0n };
}
const put = (after: Control, before?: Control): WatchEvent => ({
  type: 'put',
  kv: kv(after, 'id-1', before === undefined ? 1n : 2n),
  ...(before && { prevKv: kv(before) }),
});

describe('what is made of a resource', () => {
  it.each<[string, WatchEvent, string[]]>([
    ['a pause', put({ ...FIRST, paused: true }), ['resource paused']],
    ['a resumption', put(FIRST, { ...FIRST, paused: true }), ['resource resumed']],
    ['another run', put({ ...FIRST, run: 2 }), ['run begun']],
    ['a retry', put({ ...FIRST, run: 2, retry: 1 }, { ...FIRST, run: 2 }), ['failures retried']],
    ['a start from nothing', put({ ...FIRST, generation: 1 }, { ...FIRST, run: 7 }), ['started over']],
    ['nothing new', put(FIRST, FIRST), []],
    ['a deletion', { type: 'delete', kv: kv(FIRST) }, []],
    ['what was before is lost', { type: 'put', kv: kv({ ...FIRST, run: 3 }) }, []],
    ['what is not ours', { type: 'put', kv: { ...kv(FIRST), value: 'null', version: 1n } }, []],
    [
      'an earlier resource of that name, run often',
      { type: 'put', kv: kv({ ...FIRST, run: 2 }, 'id-2'), prevKv: kv({ ...FIRST, run: 9 }) },
      ['run begun'],
    ],
  ])('is told of %s', (_, event, kinds) => {
    expect(steeringIn([event])).toEqual(kinds.map((kind) => ({ kind, name: 'books' })));
  });
});
