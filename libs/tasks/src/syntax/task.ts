import { checkResourceName } from '@app/resources';
import { z } from 'zod';
import type { TaskSpec } from '../spec.js';
import { DEFAULT_RULES } from '../default-rules.js';
import { rootOf } from '../rule-names.js';
import { count, duration, pause, size } from './amounts.js';
import { checkedText, closedObject, faultOf } from './faults.js';
import { limits } from './limit.js';
import { cookie, DEFAULT_USER_AGENT, headers, proxies, userAgent } from './request.js';
import { retries } from './retries.js';
import { rules } from './rule.js';
import { schedule as scheduleOf } from './schedule.js';
import { seeds } from './seed.js';
import { urlPatterns } from './url-patterns.js';
import { webhooks } from './webhook.js';

const HOUR_MS = 3_600_000;

/** The text of a task, as people write it. */
export const task = closedObject(
  {
    name: checkedText('expected a text', (name) => faultOf(() => checkResourceName(name)))
      .optional()
      .describe("The resource's name, where a command does not give it."),
    seeds: seeds.describe('Where to begin: URLs, templates of URLs such as …?page={1..50}, sitemaps.'),
    root: text()
      .optional()
      .describe("The rule of the seeds' pages; by default the one that no other leads to."),
    rules: rules.optional().describe('What is done with pages: where they lead, what items they give.'),

    fetcher: oneOf('http', 'browser').default('http').describe('What fetches the pages.'),
    userAgent: userAgent.default(DEFAULT_USER_AGENT).describe('Also the name that robots.txt is read by.'),
    headers: headers.prefault({}).describe('Sent with every request.'),
    cookie: cookie.default('').describe('As in a Cookie header, for the hosts of the seeds.'),
    proxies: proxies.prefault([]).describe('In rotation: http://, https:// or socks5://.'),
    timeout: duration(1, 600_000)
      .prefault('30s')
      .describe('For one request, up to the last byte of its body.'),
    maxBody: size('1KiB', '256MiB').prefault('10MiB').describe('Of a page, uncompressed.'),

    robots: oneOf('obey', 'ignore').default('obey').describe('robots.txt.'),
    delay: pause(HOUR_MS).prefault('1s').describe('Between requests to one host.'),
    waitTime: pause(HOUR_MS).prefault(0).describe('A random pause on top of the delay, up to this.'),
    concurrency: count(1, 256).default(16).describe('Requests at once to one host, where there is no delay.'),
    limits: limits.prefault([]).describe('Of all requests of the task; all of them hold.'),
    retries: retries.prefault(3).describe('Of a page that could not be fetched.'),

    allow: urlPatterns
      .refine((patterns) => patterns.length > 0, { error: 'expected at least one pattern' })
      .optional()
      .describe('Patterns of URLs to follow; the hosts of the seeds by default.'),
    deny: urlPatterns.prefault([]).describe('Patterns of URLs never to follow.'),
    maxDepth: count(0, 1_000).default(3).describe('Links away from a seed.'),
    maxPages: count(1, 1_000_000_000).default(1_000).describe('Pages to fetch.'),
    maxItems: count(1, 1_000_000_000).optional().describe('Items to find.'),
    maxDuration: duration(1_000, 10_000 * HOUR_MS)
      .optional()
      .describe('Of one run.'),
    reload: z
      .boolean({ error: 'expected true or false' })
      .default(false)
      .describe('Fetch every page again with each run, not only the seeds.'),

    schedule: scheduleOf.optional().describe('When to run it again.'),
    webhooks: webhooks.prefault([]).describe('Who is told when a run is done or has failed.'),
  },
  'expected an object with at least "seeds"',
).transform(({ name, rules: written, root, allow, maxItems, schedule, ...rest }): TaskSpec => {
  const { timeout, maxBody, delay, waitTime, maxDuration, ...same } = rest;
  const known = written ?? DEFAULT_RULES;
  return {
    ...same,
    name,
    root: root ?? rootOf({ rules: known }) ?? '',
    rules: known,
    timeoutMs: timeout,
    maxBodyBytes: maxBody,
    delayMs: delay,
    waitTimeMs: waitTime,
    allow,
    maxItems,
    maxDurationMs: maxDuration,
    schedule,
  };
});

function text() {
  return z.string({ error: 'expected a text' });
}

function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `expected one of ${words.join(', ')}` });
}
