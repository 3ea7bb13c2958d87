import { keys } from './keys.js';
import { decodeReplacedSpec, keepReplaced } from './spec-history.js';

const replacedAt = new Date('2026-11-22T15:10:02.118Z');
const kept = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => keys.replacedSpec('r', BigInt(i * 90 + 9)));

describe('the specs that a resource had', () => {
  it('are kept by the revision that put them, and read back', () => {
    const [write, ...others] = keepReplaced('r', { spec: '{"a":"ä\\n"}', replacedAt, revision: 1815n }, []);
    expect(others).toEqual([]);
    expect(write!.key).toBe('/orbweaver/spec-history/r/00000000000000001815');
    expect(decodeReplacedSpec(write!.key, write!.value!)).toEqual({
      spec: '{"a":"ä\\n"}',
      replacedAt,
      revision: 1815n,
    });
  });

  it.each([
    [9, 0],
    [10, 1],
    [12, 3],
  ])('with %i kept already, the %i oldest go in the same transaction', (count, gone) => {
    const writes = keepReplaced('r', { spec: '', replacedAt, revision: 5_000n }, kept(count));
    expect(writes.slice(1)).toEqual(
      kept(count)
        .slice(0, gone)
        .map((key) => ({ key })),
    );
  });

  it('no key is written twice', () => {
    const revision = 99n;
    const writes = keepReplaced('r', { spec: '', replacedAt, revision }, kept(10));
    expect(new Set(writes.map(({ key }) => key)).size).toBe(writes.length);
    expect(writes).toHaveLength(1);
  });

  it.each([
    ['/orbweaver/spec-history/r/x', '{"spec":"","replacedAt":"2026-11-22T15:10:02Z"}'],
    ['/orbweaver/spec-history/r/1', '{"spec":{},"replacedAt":"2026-11-22T15:10:02Z"}'],
    ['/orbweaver/spec-history/r/1', '{"spec":"","replacedAt":"long ago"}'],
    ['/orbweaver/spec-history/r/1', 'null'],
    ['/orbweaver/spec-history/r/1', 'nothing'],
  ])('what is not ours at %s is passed over: %s', (key, value) => {
    expect(decodeReplacedSpec(key, value)).toBeUndefined();
  });
});
