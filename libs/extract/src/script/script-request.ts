import type { MediaKind } from '../media-kind.js';
import type { PageAbout } from '../page.js';

/** What the thread of scripts is asked: to run one on one page. */
export interface ScriptRequest {
  source: string;
  timeoutMs: number;
  memoryBytes: number;
  page: { about: PageAbout; kind: MediaKind; text: string };
}

/** What a script may take longer by the clock than it may run: on a busy machine, and with what the host does for it. */
export const PATIENCE_MS = 2_000;

/** What the thread says first. */
export const READY = 'ready';

/** `isBroken`: nothing more should run in this sandbox. */
export type ScriptAnswer =
  | { isDone: true; items: string[]; follows: ScriptFollow[]; log: string[] }
  | { isDone: false; reason: string; isBroken: boolean };

export interface ScriptFollow {
  url: string;
  rule: string | undefined;
  priority: number;
  /** JSON object. */
  carry: string;
  isPagination: boolean;
}
