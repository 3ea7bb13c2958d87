import type { Rules } from './rules.js';

/** What to crawl, with every default filled in. */
export interface TaskSpec {
  /** The resource's name, where the text says it; it is no part of what is crawled. */
  name: string | undefined;
  /** Templates are expanded; each once, in order. */
  seeds: readonly Seed[];
  /** The rule of the seeds' pages. */
  root: string;
  /** At least one: without any in the text, a rule that follows every link and notes each page's title. */
  rules: Rules;

  fetcher: 'http' | 'browser';
  userAgent: string;
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  /** As in a Cookie header, for the hosts of the seeds; empty for none. */
  cookie: string;
  /** In rotation; empty: none. */
  proxies: readonly string[];
  /** For one request, from its start to the last byte of its body. */
  timeoutMs: number;
  /** After decompression. */
  maxBodyBytes: number;

  robots: 'obey' | 'ignore';
  /** From the answer of a host to the next request to it. With one, a host gets one request at a time. */
  delayMs: number;
  /** A random pause on top of it, up to this. */
  waitTimeMs: number;
  /** Requests at once to one host, where there is no delay. */
  concurrency: number;
  /** All of them hold. */
  limits: readonly RateLimit[];
  retries: Retries;

  /** Patterns of URLs: one of `allow` has to match (undefined: the hosts of the seeds), none of `deny` may. */
  allow: readonly string[] | undefined;
  deny: readonly string[];
  /** Links away from a seed; 0: the seeds alone. */
  maxDepth: number;
  /** Bounds what is fetched; redirects do not count. */
  maxPages: number;
  maxItems: number | undefined;
  /** Of one run, while it is crawled. */
  maxDurationMs: number | undefined;
  /** Every page is fetched again by each new run, not only those of the seeds and of rules that say so. */
  reload: boolean;

  schedule: Schedule | undefined;
  webhooks: readonly Webhook[];
}

export type Seed =
  | { kind: 'page'; url: string }
  /** A sitemap or an index of sitemaps (sitemaps.org), whose pages are seeds. */
  | { kind: 'sitemap'; url: string };

/** A token bucket: `events` in `perMs`, at most `bucket` at once. */
export interface RateLimit {
  events: number;
  perMs: number;
  bucket: number;
}

export interface Retries {
  /** Attempts after the first. */
  max: number;
  /** Before the first of them; doubled for each further one, up to an hour. */
  firstDelayMs: number;
}

export interface Schedule {
  /** Five or six fields, or a name like `@daily`. */
  cron: string;
  /** IANA name. */
  timeZone: string;
  /** When it is due while a run is under way: leave this one out, or run it right after. */
  overlap: 'skip' | 'queue';
}

export interface Webhook {
  url: string;
  on: readonly ('done' | 'failed')[];
}
