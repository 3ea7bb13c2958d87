import type { History, Resource } from '../../api/client';

/** How a crawl went between two instants of its history. */
export interface Step {
  /** Instant. */
  at: number;
  /** Pages a second, done or failed. */
  rate: number;
  queued: number;
}

/** A present figure, from the live stream. */
export interface Sample extends Step {}

/**
 * What is drawn, of the time from `fromAt` on: the history as far as it goes, then the live samples; a step of
 * nothing at both sides of each gap; and no more than `maxCount` points, of which each stands for the mean rate and
 * the last queue of those it replaces.
 */
export function seriesOf(
  { points = [], stepSeconds = 1 }: History,
  samples: readonly Sample[],
  { fromAt, maxCount }: { fromAt: number; maxCount: number },
): Step[] {
  const stepMs = stepSeconds * 1_000;
  const past = points.map(({ at = '', done, failed, queued }) => ({
    at: Date.parse(at),
    rate: (Number(done ?? 0) + Number(failed ?? 0)) / stepSeconds,
    queued: Number(queued ?? 0),
  }));
  // The last step is under way: what is seen live tells how it goes on.
  const livesFrom = past.at(-1)?.at ?? 0;
  const steps = [...withGaps(past, stepMs), ...samples.filter(({ at }) => at > livesFrom)];
  return thinned(
    steps.filter(({ at }) => at >= fromAt),
    maxCount,
  );
}

function withGaps(steps: readonly Step[], stepMs: number): Step[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (before === undefined || step.at - before.at <= stepMs) return [step];
    const { queued } = before;
    return [{ at: before.at + stepMs, rate: 0, queued }, { at: step.at - 1, rate: 0, queued }, step];
  });
}

function thinned(steps: readonly Step[], maxCount: number): Step[] {
  const size = Math.ceil(steps.length / maxCount);
  if (size <= 1) return [...steps];
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, index) => {
    const group = steps.slice(index * size, (index + 1) * size);
    const last = group.at(-1) as Step;
    return { ...last, rate: group.reduce((sum, { rate }) => sum + rate, 0) / group.length };
  });
}

export function sampleOf({ task }: Resource, at: number): Sample {
  return { at, rate: task?.pagesPerSecond ?? 0, queued: Number(task?.pagesQueued ?? 0) };
}
