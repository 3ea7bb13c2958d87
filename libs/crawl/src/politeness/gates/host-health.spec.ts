import { HostHealth, PATIENCE, type Outcome } from './host-health.js';

const WELL = { failures: 0, trouble: '', downSinceAt: 0 };
const WALL = 1_700_000_000_000;
const served: Outcome = { kind: 'served' };
const gone: Outcome = { kind: 'unreachable', reason: 'connection refused' };
const throttled = (retryAfterMs?: number): Outcome => ({
  kind: 'throttled',
  reason: 'HTTP 429',
  retryAfterMs,
});

/** A host that is asked again as soon as its pause is over: the pauses that follow each outcome. */
function pausesAfter(health: HostHealth, outcomes: readonly Outcome[]): number[] {
  let now = 0;
  return outcomes.map((outcome) => {
    health.report(outcome, now, now, WALL + now);
    const pauseMs = Math.max(0, health.pausedUntil - now);
    now += pauseMs + 1;
    return pauseMs;
  });
}

describe('the health of a host', () => {
  it('gives a host that asks for it a pause, twice as long each time, until it serves', () => {
    const health = new HostHealth(WELL, PATIENCE);
    expect(pausesAfter(health, [throttled(), throttled(), throttled(), served, throttled()])).toEqual([
      1_000, 2_000, 4_000, 0, 1_000,
    ]);
  });

  it('waits as long as the host says, an hour at most', () => {
    const health = new HostHealth(WELL, PATIENCE);
    expect(pausesAfter(health, [throttled(30_000), throttled(86_400_000)])).toEqual([30_000, 3_600_000]);
  });

  it('counts the answers to one burst of requests as one trouble', () => {
    const health = new HostHealth(WELL, PATIENCE);
    for (let count = 0; count < 16; count++) health.report(throttled(), 0, 10 + count, WALL);
    expect(health.state.failures).toBe(1);
    health.report(served, 0, 30, WALL);
    expect(health.pausedUntil).toBe(1_010);
    expect(health.state.failures).toBe(1);
  });

  it('goes slower after a pause, and faster again with each answer', () => {
    const health = new HostHealth(WELL, PATIENCE);
    pausesAfter(health, [throttled(), throttled(), throttled()]);
    expect(health.extraDelayMs).toBe(250);
    pausesAfter(
      health,
      Array.from({ length: 30 }, () => served),
    );
    expect(health.extraDelayMs).toBe(0);
  });

  it('opens the circuit after five requests without an answer, then only probes', () => {
    const health = new HostHealth(WELL, PATIENCE);
    expect(
      pausesAfter(
        health,
        Array.from({ length: 8 }, () => gone),
      ),
    ).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
    expect(health.isDown).toBe(true);
    health.report(served, 60_000, 60_010, WALL);
    expect(health.isDown).toBe(false);
  });

  it('takes a host for dead after eight probes and five minutes, not before either', () => {
    const health = new HostHealth(WELL, PATIENCE);
    let now = 0;
    let reports = 0;
    while (!health.isDead(WALL + now)) {
      now = Math.max(now, health.pausedUntil);
      health.report(gone, now, now, WALL + now);
      reports++;
    }
    expect(reports).toBeGreaterThanOrEqual(5 + 8);
    expect(now).toBeGreaterThanOrEqual(300_000);
    expect(now).toBeLessThan(900_000);
  });

  it('never takes a host for down that answers, were it only with 503', () => {
    const health = new HostHealth(WELL, PATIENCE);
    pausesAfter(health, [...Array.from({ length: 30 }, () => throttled()), gone, throttled()]);
    expect(health.isDown).toBe(false);
    expect(health.isDead(WALL * 2)).toBe(false);
  });
});
