import type { TaskSpec } from './spec.js';

/** The built-in rule of sitemaps: what they list are pages of the task's root rule. */
export const SITEMAP_RULE = '$sitemap';

/** A seed as a page to be discovered. */
export interface SeedPage {
  url: string;
  host: string;
  rule: string;
  depth: number;
  priority: number;
  redirects: number;
  carried: string;
}

export function seedPages(spec: TaskSpec): SeedPage[] {
  return spec.seeds.map(({ kind, url }) => ({
    url,
    host: new URL(url).host,
    rule: kind === 'sitemap' ? SITEMAP_RULE : spec.root,
    depth: 0,
    priority: 0,
    redirects: 0,
    carried: '',
  }));
}
