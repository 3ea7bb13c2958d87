import { LeaseDeadline, marginMs } from './lease-deadline.js';

describe('the deadline of a lease', () => {
  const clock = { at: 0, now: () => clock.at };
  beforeEach(() => {
    clock.at = 1_000;
  });

  it.each([
    [1_000, 900],
    [5_000, 4_500],
    [60_000, 57_000],
  ])('of %i ms is counted from when the grant was sent, and is strictly shorter', (ttlMs, usableMs) => {
    const deadline = new LeaseDeadline(ttlMs, clock, clock.at);
    expect(deadline.remainingMs()).toBe(usableMs);
    expect(marginMs(ttlMs)).toBe(ttlMs - usableMs);
  });

  it('is counted from when the answered keep-alive was sent, not from its answer', () => {
    const deadline = new LeaseDeadline(5_000, clock, clock.at);
    const sentAt = (clock.at += 1_000);
    clock.at += 700;
    deadline.renewed(sentAt);
    expect(deadline.remainingMs()).toBe(4_500 - 700);
  });

  it('does not move back when answers come out of order', () => {
    const deadline = new LeaseDeadline(5_000, clock, clock.at);
    deadline.renewed(3_000);
    deadline.renewed(2_000);
    expect(deadline.remainingMs()).toBe(3_000 + 4_500 - 1_000);
  });

  it('is over, without any timer, for whoever slept through it', () => {
    const deadline = new LeaseDeadline(5_000, clock, clock.at);
    clock.at += 4_500;
    expect(deadline.remainingMs()).toBe(0);
    clock.at += 60_000;
    expect(deadline.remainingMs()).toBe(-60_000);
    // A late answer to an old keep-alive changes nothing.
    deadline.renewed(1_500);
    expect(deadline.remainingMs()).toBeLessThan(0);
  });
});
