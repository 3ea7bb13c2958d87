import type { TaskModule } from '@app/tasks';

/** A task as it was found: not yet checked. */
export type FoundTask =
  { kind: 'found'; value: unknown; code?: TaskCode } | { kind: 'wrong'; reason: string };

/** What a task that is a module has beside its spec. */
export interface TaskCode {
  parsers: TaskModule['parsers'];
  /** Of the source: another one is another task. */
  fingerprint: string;
}
