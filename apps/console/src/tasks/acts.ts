import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answered, api, type Control } from '../api/client';

export type Act =
  { verb: 'pause' | 'resume' | 'retry' | 'delete' } | { verb: 'restart'; fromScratch: boolean };

/** What is acted on: by name, and as it was when it was looked at. */
export interface Acted {
  name: string;
  /** Makes a call safe to repeat: it does nothing to a task that was changed since. */
  expected?: Control | undefined;
}

/** What came of an act on several tasks. */
export interface ActResult {
  doneCount: number;
  /** Of the first that could not be done, if any. */
  failures: { name: string; reason: string }[];
}

/** At once, so that browsers have connections left. */
const AT_ONCE = 3;

export function useActs() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ act, tasks }: { act: Act; tasks: readonly Acted[] }) => performAll(act, tasks),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** Each for itself: one that fails does not stop the others. */
async function performAll(act: Act, tasks: readonly Acted[]): Promise<ActResult> {
  const result: ActResult = { doneCount: 0, failures: [] };
  const left = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) {
      try {
        await perform(act, task);
        result.doneCount++;
      } catch (error) {
        result.failures.push({
          name: task.name,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}

function perform(act: Act, { name, expected }: Acted): Promise<unknown> {
  const params = { path: { name } };
  const seen = expected === undefined ? {} : { expected };
  switch (act.verb) {
    case 'pause':
      return answered(api.POST('/crawler/resource/{name}/pause', { params }));
    case 'resume':
      return answered(api.POST('/crawler/resource/{name}/resume', { params }));
    case 'restart':
      return answered(
        api.POST('/crawler/resource/{name}/restart', {
          params,
          body: { fromScratch: act.fromScratch, ...seen },
        }),
      );
    case 'retry':
      return answered(api.POST('/crawler/resource/{name}/retry', { params, body: seen }));
    case 'delete':
    default:
      return answered(api.DELETE('/crawler/resource', { body: { name } }));
  }
}
