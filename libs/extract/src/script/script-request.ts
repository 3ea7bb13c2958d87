import type { MediaKind } from '../media-kind.js';
import type { PageAbout } from '../page.js';

/** What the thread of scripts is asked: to run one on one page. */
export interface ScriptRequest {
  source: string;
  timeoutMs: number;
  memoryBytes: number;
  page: { about: PageAbout; kind: MediaKind; text: string };
}

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
