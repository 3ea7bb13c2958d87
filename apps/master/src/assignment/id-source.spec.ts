import { op, type KeyValue } from '@app/etcd';
import { keys } from '@app/resources';
import type { Outcome, Write } from './committer.js';
import { IdSource } from './id-source.js';

describe('IdSource', () => {
  it('gives only IDs of a time above the mark it found and below the one it wrote', async () => {
    const clock = new ClockKey(String(NOW + 5_000));
    const ids = await IdSource.open(clock, 7, () => NOW);
    const times: number[] = [];
    while (times.length < 5_000 && ids.ready) times.push(timeOf(ids.next()));
    expect(times).toHaveLength(5_000);
    expect(Math.min(...times)).toBeGreaterThan(NOW + 5_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(Number(clock.value));
  });

  it('repeats no ID over terms whose clocks step back', async () => {
    const clock = new ClockKey(undefined);
    const seen = new Set<string>();
    for (const now of [NOW, NOW - 3_600_000, NOW + 10, NOW - 10]) {
      const ids = await IdSource.open(clock, 7, () => now);
      for (let i = 0; i < 100; i++) seen.add(ids.next());
    }
    expect(seen.size).toBe(400);
  });

  it('moves its mark before the clock has reached it, and gives none beyond it', async () => {
    const clock = new ClockKey(undefined);
    let now = NOW;
    const ids = await IdSource.open(clock, 7, () => now);
    const first = Number(clock.value);
    now = first - 1_000;
    expect(ids.ready).toBe(true);
    await ids.prepare();
    expect(Number(clock.value)).toBeGreaterThan(first);

    // The clock jumps.
    now = Number(clock.value) + 3_600_000;
    expect(ids.ready).toBe(false);
    expect(() => ids.next()).toThrow(/clock mark/);
    await ids.prepare();
    expect(timeOf(ids.next())).toBeLessThanOrEqual(Number(clock.value));
  });

  it('starts above a mark that somebody else has moved', async () => {
    const clock = new ClockKey(undefined);
    let now = NOW;
    const ids = await IdSource.open(clock, 7, () => now);
    clock.put(String(NOW + 60_000));
    now = NOW + 20_000;
    expect(ids.ready).toBe(false);
    await ids.prepare();
    expect(timeOf(ids.next())).toBeGreaterThan(NOW + 60_000);
  });

  it('refuses to begin over a mark that is no time', async () => {
    await expect(IdSource.open(new ClockKey('yesterday'), 7, () => NOW)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
  });
});

const NOW = Date.UTC(2026, 10, 22);

function timeOf(id: string): number {
  return Number(BigInt(id) >> 22n) + 1_288_834_974_657;
}

/** The one key of etcd that matters here. */
class ClockKey {
  private revision = 1n;

  constructor(public value: string | undefined) {}

  put(value: string): void {
    this.value = value;
    this.revision++;
  }

  async read(): Promise<(KeyValue | undefined)[]> {
    return [this.present()];
  }

  async submit({ expects, ops }: Write): Promise<Outcome> {
    const present = this.present();
    if (expects[0]?.modRevision !== (present?.modRevision ?? 0n)) {
      return { kind: 'conflict', revision: this.revision, found: [present] };
    }
    const [put] = ops as [ReturnType<typeof op.put>];
    if (put.type !== 'put') throw new Error('only the mark is put');
    this.put(put.value);
    return { kind: 'committed', revision: this.revision, responses: [] };
  }

  private present(): KeyValue | undefined {
    if (this.value === undefined) return undefined;
    const { revision, value } = this;
    return { key: keys.clock, value, createRevision: 1n, modRevision: revision, version: 1n, leaseId: 0n };
  }
}
