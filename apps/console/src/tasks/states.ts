/** In which a task can be; `unknown` while its worker does not answer, which the API leaves empty. */
export const STATES = ['running', 'pending', 'paused', 'done', 'failed', 'unknown'] as const;

export function nameOf(state: string | undefined): string {
  return state === undefined || state === '' ? 'unknown' : state;
}

export const COLOURS: Record<string, string> = {
  running: 'teal',
  pending: 'gray',
  paused: 'yellow',
  done: 'blue',
  failed: 'red',
  unknown: 'gray',
};
