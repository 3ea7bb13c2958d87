import { createHash } from 'node:crypto';
import { nearest, parseDuration } from '@app/config';
import { OrbweaverError } from '@app/errors';
import { z } from 'zod';
import { normalizeUrl } from './page-url.js';
import type { TaskSpec } from './spec.js';

/** Without the program's version: it is part of the hash, and a new version does not start every crawl over. */
const DEFAULT_USER_AGENT = 'Orbweaver/0.1';

/** Throws INVALID_ARGUMENT that lists every fault with its path. */
export function parseTaskSpec(value: unknown): TaskSpec {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OrbweaverError('INVALID_ARGUMENT', `the spec is wrong: ${faultsOf(parsed.error).join('; ')}`);
}

/** Two specs that crawl the same have the same hash, however they were written. */
export function specHash(spec: TaskSpec): string {
  const members = Object.entries({ ...spec, name: '' }).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(members)).digest('hex').slice(0, 32);
}

function duration(limits: { minMs: number; maxMs: number; range: string }) {
  const expected = `expected a duration ${limits.range}, written like 300ms, 5s or 2m`;
  return z.union([z.string(), z.literal(0)], { error: expected }).transform((value, context) => {
    const ms = value === 0 ? 0 : parseDuration(value);
    if (ms !== undefined && ms >= limits.minMs && ms <= limits.maxMs) return ms;
    context.issues.push({ code: 'custom', message: expected, input: value });
    return z.NEVER;
  });
}

function count(min: number, max: number) {
  const error = `expected a whole number between ${min} and ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

const seed = z.string({ error: 'expected a URL' }).transform((text, context) => {
  const url = normalizeUrl(text);
  if (url !== undefined) return url.href;
  context.issues.push({
    code: 'custom',
    message: `expected an http or https URL, got ${JSON.stringify(text)}`,
    input: text,
  });
  return z.NEVER;
});

const fields = {
  name: z.string({ error: 'expected a text' }).optional(),
  seeds: z
    .array(seed, { error: 'expected a list of URLs to begin with' })
    .min(1, { error: 'expected at least one URL to begin with' })
    .max(1_000, { error: 'expected at most 1000 URLs' })
    .transform((seeds) => [...new Set(seeds)]),
  maxDepth: count(0, 1_000).default(3),
  maxPages: count(1, 10_000_000).default(1_000),
  delay: duration({ minMs: 0, maxMs: 3_600_000, range: 'of at most 1h' }).default(1_000),
  timeout: duration({ minMs: 1, maxMs: 600_000, range: 'between 1ms and 10m' }).default(30_000),
  userAgent: z
    .string({ error: 'expected a text' })
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/, {
      error: 'expected 1 to 256 printable ASCII characters',
    })
    .default(DEFAULT_USER_AGENT),
};

const schema = z
  .strictObject(fields, { error: 'expected an object with at least "seeds"' })
  .transform(({ delay, timeout, name, seeds, ...rest }): TaskSpec => ({
    name,
    ...rest,
    seeds: seeds.map((url) => ({ kind: 'page', url })),
    delayMs: delay,
    timeoutMs: timeout,
    ...UNSPOKEN,
  }));

const UNSPOKEN = {
  root: 'page',
  rules: {},
  fetcher: 'http',
  headers: {},
  cookie: '',
  proxies: [],
  maxBodyBytes: 10 * 1024 * 1024,
  robots: 'obey',
  waitTimeMs: 0,
  concurrency: 16,
  limits: [],
  retries: { max: 3, firstDelayMs: 1_000 },
  allow: undefined,
  deny: [],
  maxItems: undefined,
  maxDurationMs: undefined,
  reload: false,
  schedule: undefined,
  webhooks: [],
} as const satisfies Partial<TaskSpec>;

function faultsOf({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [at(issue.path, issue.message)];
    return issue.keys.map((key) => {
      const meant = nearest(key, Object.keys(fields));
      const known =
        meant === undefined ? `known are ${Object.keys(fields).join(', ')}` : `is "${meant}" meant?`;
      return at([...issue.path, key], `unknown key, ${known}`);
    });
  });
}

function at(path: readonly PropertyKey[], message: string): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? message : `${text.replace(/^\./, '')}: ${message}`;
}
