import type { JsonValue } from '@app/tasks';

/** A page as it was fetched, and what is known of it. */
export interface PageContent {
  /** Where it was in the end; links are relative to it unless the page says otherwise. */
  url: string;
  contentType: string;
  body: Buffer;
  rule: string;
  depth: number;
  carried: Readonly<Record<string, JsonValue>>;
}

/** What a rule found on a page. */
export interface Extraction {
  title: string;
  /** In the order of the page, each target once for each rule. */
  links: FoundLink[];
  items: Record<string, JsonValue>[];
  /** What a script said (`ctx.log`), line by line. */
  log?: string[];
}

export interface FoundLink {
  /** In its normal form, within the task's scope. */
  url: string;
  host: string;
  rule: string;
  priority: number;
  /** A further page of the same listing: its depth is that of the page it stands on. */
  isPagination: boolean;
  /** With what its page carried. */
  carried: Record<string, JsonValue>;
}
