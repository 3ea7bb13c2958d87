import type { CrawlStore, GateAnswer, HeldGate, StoredRobots } from '@app/crawl';
import type { Subject } from './subject.contract.js';
import { freshName } from './example-crawl.contract.js';

const WELL = { failures: 0, trouble: '', downSinceAt: 0 };
const MINUTE = 60_000;

export function gateContract(subject: Subject): void {
  let store: CrawlStore;
  let host: string;
  let a: string;
  let b: string;
  beforeAll(() => {
    store = subject().store;
  });
  beforeEach(() => {
    [host, a, b] = [freshName('host'), freshName('worker'), freshName('worker')];
  });

  async function acquire(holder: string, delayMs = 0, leaseMs = MINUTE): Promise<GateAnswer> {
    const [answer] = await store.gates.acquire(holder, [{ host, delayMs }], leaseMs);
    return answer as GateAnswer;
  }
  /** The gate as its holder knows it, right after it was granted. */
  async function hold(holder: string, delayMs = 0, leaseMs = MINUTE): Promise<HeldGate> {
    const answer = await acquire(holder, delayMs, leaseMs);
    if (!answer.granted) throw new Error('the gate was denied');
    const { fence, waitMs, state } = answer;
    return { host, fence, delayMs, waitMs, state };
  }

  describe('a gate', () => {
    it('is granted to the first who asks, with nothing to wait for', async () => {
      expect(await acquire(a, 1_000)).toEqual({
        host,
        granted: true,
        fence: expect.any(Number),
        waitMs: 0,
        state: WELL,
      });
    });

    it('is denied to others while it is held, and its holder hears that it is wanted', async () => {
      const held = await hold(a);
      expect(await store.gates.renew(a, [held], MINUTE)).toEqual({ lost: [], wanted: [] });
      const denied = await acquire(b);
      expect(denied).toMatchObject({ host, granted: false });
      expect(!denied.granted && denied.retryInMs).toBeGreaterThan(0);
      expect(await store.gates.renew(a, [held], MINUTE)).toEqual({ lost: [], wanted: [host] });
      await store.gates.release(a, [held]);
      expect(await acquire(b)).toMatchObject({ granted: true });
    });

    it('is not wanted any more once the one who waited has it', async () => {
      const first = await hold(a);
      await acquire(b);
      await store.gates.release(a, [first]);
      const second = await hold(b);
      expect(await store.gates.renew(b, [second], MINUTE)).toEqual({ lost: [], wanted: [] });
    });

    it('is one of many that are asked for at once', async () => {
      const [free, taken] = [freshName('host'), freshName('host')];
      await store.gates.acquire(b, [{ host: taken, delayMs: 0 }], MINUTE);
      const answers = await store.gates.acquire(
        a,
        [free, taken].map((each) => ({ host: each, delayMs: 0 })),
        MINUTE,
      );
      expect(answers).toMatchObject([
        { host: free, granted: true },
        { host: taken, granted: false },
      ]);
      expect(await store.gates.acquire(a, [], MINUTE)).toEqual([]);
      expect(await store.gates.renew(a, [], MINUTE)).toEqual({ lost: [], wanted: [] });
    });

    it('is granted with a greater fence each time, to the same holder too', async () => {
      const first = await hold(a);
      const second = await hold(a);
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await store.gates.renew(a, [first], MINUTE)).toEqual({ lost: [host], wanted: [] });
      expect(await store.gates.renew(a, [second], MINUTE)).toEqual({ lost: [], wanted: [] });
    });

    it('keeps what its holder told for the next: the wait, the delay, the troubles', async () => {
      const held = await hold(a, 1_000);
      const state = { failures: 3, trouble: 'HTTP 503', downSinceAt: 1_700_000_000_000 };
      await store.gates.release(a, [{ ...held, waitMs: MINUTE, state }]);
      const next = await hold(b, 1_000);
      expect(next.state).toEqual(state);
      expect(next.waitMs).toBeLessThanOrEqual(MINUTE);
      expect(next.waitMs).toBeGreaterThan(MINUTE / 2);
    });

    it('makes the next wait the longer delay, when it wants one', async () => {
      const held = await hold(a, 1_000);
      await store.gates.release(a, [{ ...held, waitMs: 1_000 }]);
      const next = await hold(b, MINUTE);
      expect(next.waitMs).toBeGreaterThan(MINUTE / 2);
      expect(next.waitMs).toBeLessThanOrEqual(MINUTE);
    });

    it('whose holder died is granted when the lease is over, and the delay goes on from there', async () => {
      await hold(a, MINUTE, 50);
      await subject().elapse(50);
      const next = await hold(b, MINUTE);
      expect(next.waitMs).toBeGreaterThan(MINUTE / 2);
      expect(next.waitMs).toBeLessThanOrEqual(MINUTE);
    });

    it('that ran out is still its holder’s as long as nobody took it', async () => {
      const held = await hold(a, 0, 20);
      await subject().elapse(20);
      expect(await store.gates.renew(a, [held], MINUTE)).toEqual({ lost: [], wanted: [] });
      expect(await acquire(b)).toMatchObject({ granted: false });
    });

    it('that ran out and was taken is lost to its holder, who can write nothing to it', async () => {
      const old = await hold(a, 0, 20);
      await subject().elapse(20);
      const present = await hold(b);
      const wrong = { ...old, waitMs: MINUTE, state: { ...WELL, failures: 9 } };
      expect(await store.gates.renew(a, [wrong], MINUTE)).toEqual({ lost: [host], wanted: [] });
      await store.gates.release(a, [wrong]);
      expect(await acquire(a)).toMatchObject({ granted: false });
      expect(await store.gates.renew(b, [present], MINUTE)).toEqual({ lost: [], wanted: [host] });
      expect(await store.gates.gates([host])).toMatchObject([{ holder: b, ...WELL }]);
    });

    it('is renewed for the time that is asked for', async () => {
      const held = await hold(a, 0, 50);
      await store.gates.renew(a, [held], MINUTE);
      await subject().elapse(50);
      expect(await acquire(b)).toMatchObject({ granted: false });
    });

    it('is held for whoever else has the store open too', async () => {
      const { other } = subject();
      const held = await hold(a);
      expect(await other.gates.acquire(b, [{ host, delayMs: 0 }], MINUTE)).toMatchObject([
        { granted: false },
      ]);
      expect(await store.gates.renew(a, [held], MINUTE)).toMatchObject({ wanted: [host] });
    });

    it('is granted to one only of many who ask at the same time', async () => {
      const { other } = subject();
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).gates.acquire(`${a}-${index}`, [{ host, delayMs: 0 }], MINUTE),
        ),
      );
      expect(answers.flat().filter(({ granted }) => granted)).toHaveLength(1);
    });

    it('says what it waits for, to people', async () => {
      const held = await hold(a, 2_000);
      const state = { failures: 1, trouble: 'HTTP 429', downSinceAt: 0 };
      await store.gates.renew(a, [{ ...held, waitMs: MINUTE, state }], MINUTE);
      const [gate] = await store.gates.gates([host, freshName('unknown')]);
      expect(gate).toEqual({ host, delayMs: 2_000, holder: a, waitMs: expect.any(Number), ...state });
      expect(gate?.waitMs).toBeGreaterThan(MINUTE / 2);
      await store.gates.release(a, [held]);
      expect(await store.gates.gates([host])).toMatchObject([{ holder: '' }]);
      expect(await store.gates.gates([])).toEqual([]);
    });
  });

  describe('robots.txt', () => {
    const robots = (change: Partial<StoredRobots> = {}): StoredRobots => ({
      text: 'User-agent: *\nDisallow: /ä',
      fetchedAt: Date.now(),
      freshMs: 24 * 3_600_000,
      ...change,
    });
    const origin = () => `http://${host}`;

    it('is known to all once one has fetched it, the last one', async () => {
      expect(await store.gates.robots(origin())).toBeUndefined();
      await store.gates.saveRobots(origin(), robots({ text: 'old' }));
      const saved = robots();
      await store.gates.saveRobots(origin(), saved);
      expect(await subject().other.gates.robots(origin())).toEqual(saved);
      expect(await store.gates.robots(`https://${host}`)).toBeUndefined();
    });

    it('is forgotten when it is too old', async () => {
      await store.gates.saveRobots(
        origin(),
        robots({ fetchedAt: Date.now() - 7_200_000, freshMs: 3_600_000 }),
      );
      expect(await store.gates.robots(origin())).toBeUndefined();
    });

    it('may be empty, and may be large', async () => {
      await store.gates.saveRobots(origin(), robots({ text: '' }));
      expect(await store.gates.robots(origin())).toMatchObject({ text: '' });
      const text = '# x'.repeat(170_000);
      await store.gates.saveRobots(origin(), robots({ text }));
      expect(await store.gates.robots(origin())).toMatchObject({ text });
    });
  });
}
