import type { Colours } from './colours.js';

/** The state of a task or a worker. */
export function stateText(state: string, colours: Colours): string {
  if (state === 'failed') return colours.red(state);
  if (['pending', 'paused', 'draining', 'starting'].includes(state)) return colours.yellow(state);
  return state === '' ? colours.dim('unknown') : colours.green(state);
}

export function rate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
}

/** How many tasks are in which state. */
export function countsText(
  counts: readonly { readonly state: string; readonly count: number }[],
  colours: Colours,
): string {
  return counts.map(({ state, count }) => `${count} ${stateText(state, colours)}`).join(', ');
}
