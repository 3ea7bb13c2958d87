import { OrbweaverError } from '@app/errors';
import { z } from 'zod';
import { normalizeUrl } from '../page-url.js';
import { expandTemplate, MAX_SEEDS } from '../seed-template.js';
import type { Seed } from '../spec.js';
import { closedObject, oneOrMany, textFor } from './faults.js';

const pages = textFor('expected a URL', (template) => expandTemplate(template).map(seedUrl)).transform(
  (urls) => urls.map((url): Seed => ({ kind: 'page', url })),
);

const sitemap = closedObject({ sitemap: textFor('expected a URL', seedUrl) }, 'expected a URL').transform(
  (written): Seed[] => [{ kind: 'sitemap', url: written.sitemap }],
);

const EXPECTED = 'expected a list of URLs to begin with';

const seed = z.union([pages, sitemap], { error: 'expected a URL' }).meta({ id: 'Seed' });

export const seeds = oneOrMany(seed, EXPECTED, 10_000)
  .transform((lists) => unique(lists.flat()))
  .refine((list) => list.length > 0, { error: 'expected at least one URL to begin with' })
  .refine((list) => list.length <= MAX_SEEDS, { error: `expected at most ${MAX_SEEDS} URLs` });

function seedUrl(text: string): string {
  const url = normalizeUrl(text);
  if (url !== undefined) return url.href;
  throw new OrbweaverError('INVALID_ARGUMENT', `expected an http or https URL, got ${JSON.stringify(text)}`);
}

function unique(seeds: readonly Seed[]): Seed[] {
  return [...new Map(seeds.map((seed) => [`${seed.kind} ${seed.url}`, seed])).values()];
}
