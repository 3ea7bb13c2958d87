import { OrbweaverError } from '@app/errors';
import { z } from 'zod';
import { normalizeUrl } from '../page-url.js';
import { quoted } from '../quoted.js';
import { parseTemplate } from '../seed-template.js';
import type { Seed } from '../spec.js';
import { closedObject, faultOf, oneOrMany, textFor } from './faults.js';

/** How many URLs the seeds of one task may stand for. */
const MAX_SEEDS = 100_000;

/** What stands for many is made only when it is known that all together are not too many. */
interface Seeds {
  count: number;
  made: () => Seed[];
}

const pages = textFor('expected a URL', (written): Seeds => {
  const { count, texts } = parseTemplate(written);
  if (count === 1) texts().forEach(seedUrl);
  return { count, made: () => texts().map((text) => ({ kind: 'page', url: seedUrl(text) })) };
});

const sitemap = closedObject({ sitemap: textFor('expected a URL', seedUrl) }, 'expected a URL').transform(
  ({ sitemap: url }): Seeds => ({ count: 1, made: () => [{ kind: 'sitemap', url }] }),
);

const seed = z.union([pages, sitemap], { error: 'expected a URL' }).meta({ id: 'Seed' });

/** Each once, in order. */
export const seeds = oneOrMany(seed, 'expected a list of URLs to begin with', 10_000)
  .refine((written) => written.length > 0, { error: 'expected at least one URL to begin with' })
  .transform((written, context): Seed[] => {
    const count = written.reduce((sum, one) => sum + one.count, 0);
    let made: Seed[] = [];
    const fault =
      count > MAX_SEEDS
        ? `expected at most ${MAX_SEEDS} URLs, these are ${count}`
        : faultOf(() => (made = unique(written.flatMap((one) => one.made()))));
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    return made;
  });

function seedUrl(text: string): string {
  const url = normalizeUrl(text);
  if (url !== undefined) return url.href;
  throw new OrbweaverError('INVALID_ARGUMENT', `expected an http or https URL, got ${quoted(text)}`);
}

function unique(list: readonly Seed[]): Seed[] {
  return [...new Map(list.map((one) => [`${one.kind} ${one.url}`, one])).values()];
}
