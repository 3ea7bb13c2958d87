import { setMaxListeners } from 'node:events';
import * as fc from 'fast-check';
import type { Clock } from './clock.js';
import { HostGates } from './host-gates.js';

/** Time that passes only when all that waits for it waits. */
class ManualClock implements Clock {
  #now = 0;
  #waiting: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ at: this.#now + ms, wake: resolve });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  /** Goes from one awaited instant to the next until nobody waits, or until that time. */
  async run(until = Infinity): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#waiting.sort((a, b) => a.at - b.at);
      const next = this.#waiting[0];
      if (next === undefined || next.at > until) return;
      this.#waiting.shift();
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }
}

const FOREVER = new AbortController().signal;
setMaxListeners(0, FOREVER);

describe('the gate of a host', () => {
  it('keeps the delay between the starts of two requests, and one request at a time', async () => {
    const clock = new ManualClock();
    const gates = new HostGates(clock);
    const starts: number[] = [];
    const request = async (tookMs: number) => {
      const turn = await gates.enter('site.test', 1_000, FOREVER);
      starts.push(clock.now());
      await clock.wait(tookMs, FOREVER);
      turn.end('served');
    };
    const all = Promise.all([request(300), request(2_500), request(10)]);
    await clock.run();
    await all;
    expect(starts).toEqual([0, 1_000, 3_500]);
  });

  it('keeps the longer delay where tasks of different delays meet', async () => {
    const clock = new ManualClock();
    const gates = new HostGates(clock);
    (await gates.enter('site.test', 5_000, FOREVER)).end('served');
    const hasty = gates.enter('site.test', 0, FOREVER);
    await clock.run();
    (await hasty).end('served');
    expect(clock.now()).toBe(5_000);
  });

  it('does not keep one host waiting for another', async () => {
    const gates = new HostGates(new ManualClock());
    await gates.enter('one.test', 60_000, FOREVER);
    await expect(gates.enter('two.test', 60_000, FOREVER)).resolves.toBeDefined();
  });

  it('pauses a host in trouble for twice as long each time, or for as long as it asks, until it serves', async () => {
    const clock = new ManualClock();
    const gates = new HostGates(clock);
    const starts: number[] = [];
    const outcomes = [undefined, undefined, 30_000, 100_000_000, 'served', undefined, 'served'] as const;
    const all = (async () => {
      for (const outcome of outcomes) {
        const turn = await gates.enter('site.test', 0, FOREVER);
        starts.push(clock.now());
        turn.end(outcome === 'served' ? outcome : { retryAfterMs: outcome });
      }
    })();
    for (let done = false; !done;) {
      done = await Promise.race([all.then(() => true), clock.run().then(() => false)]);
    }
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] as number));
    // An hour at most, whatever a host asks for; after an answer, the first pause is one second again.
    expect(gaps).toEqual([1_000, 2_000, 30_000, 3_600_000, 0, 1_000]);
  });

  it('lets the next one in when one gives up waiting, but not before its time', async () => {
    const clock = new ManualClock();
    const gates = new HostGates(clock);
    (await gates.enter('site.test', 1_000, FOREVER)).end('served');
    const impatient = new AbortController();
    const first = gates.enter('site.test', 1_000, impatient.signal);
    const second = gates.enter('site.test', 1_000, FOREVER);
    await clock.run(500);
    impatient.abort(new Error('no more'));
    await expect(first).rejects.toThrow('no more');
    await clock.run();
    (await second).end('served');
    expect(clock.now()).toBe(1_000);
  });

  it('never lets two requests be closer than their delay, whoever comes and gives up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            comesAt: fc.nat({ max: 5_000 }),
            delayMs: fc.constantFrom(0, 100, 1_000),
            tookMs: fc.nat({ max: 1_500 }),
            givesUpAt: fc.option(fc.nat({ max: 6_000 }), { nil: undefined }),
          }),
          { maxLength: 12 },
        ),
        async (requests) => {
          const clock = new ManualClock();
          const gates = new HostGates(clock);
          const served: { from: number; to: number; delayMs: number }[] = [];
          const all = requests.map(async ({ comesAt, delayMs, tookMs, givesUpAt }) => {
            await clock.wait(comesAt, FOREVER);
            const patience = new AbortController();
            if (givesUpAt !== undefined) {
              void clock.wait(givesUpAt, FOREVER).then(() => patience.abort(new Error('gave up')));
            }
            const turn = await gates.enter('site.test', delayMs, patience.signal).catch(() => undefined);
            if (turn === undefined) return;
            const from = clock.now();
            await clock.wait(tookMs, FOREVER);
            served.push({ from, to: clock.now(), delayMs });
            turn.end('served');
          });
          await clock.run();
          await Promise.all(all);
          served.sort((a, b) => a.from - b.from || a.to - b.to);
          served.slice(1).forEach((next, index) => {
            const last = served[index] as (typeof served)[0];
            expect(next.from).toBeGreaterThanOrEqual(last.to);
            expect(next.from - last.from).toBeGreaterThanOrEqual(Math.max(last.delayMs, next.delayMs));
          });
          const patient = requests.filter(({ givesUpAt }) => givesUpAt === undefined).length;
          expect(served.length).toBeGreaterThanOrEqual(patient);
        },
      ),
      { numRuns: 60 },
    );
  });
});
