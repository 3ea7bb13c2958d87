/** Time as politeness knows it: monotonic, only differences mean something. */
export interface Timer {
  now(): number;
  /** Calls `wake` once, not before so many milliseconds have passed; the function given takes that back. */
  after(ms: number, wake: () => void): () => void;
}

export const monotonicTimer: Timer = {
  now: () => performance.now(),
  after(ms, wake) {
    // Timers count whole milliseconds, and may fire a little early by this clock.
    const timer = setTimeout(wake, Math.min(Math.ceil(ms), LONGEST_MS));
    return () => clearTimeout(timer);
  },
};

/** What fits into a timer of Node; who wakes up early looks at the clock and waits again. */
const LONGEST_MS = 2 ** 31 - 1;
