import { isOrbweaverError } from '@app/errors';
import { SITEMAP_RULE, urlScope, type Rule, type TaskSpec } from '@app/tasks';
import type { Extraction, PageContent } from './extraction.js';
import { failed } from './failed.js';
import { Links } from './links.js';
import { Page } from './page.js';
import { compileDeclarativeRule } from './rule/declarative-rule.js';
import type { Item } from './rule/field.js';
import { readSitemap } from './sitemap.js';

/** A task's rules, ready for its pages: made once, for all of them. */
export interface CompiledTask {
  /** Throws EXTRACT_FAILED, with a reason for people, when the page cannot be read as its rule says. */
  extract(page: PageContent): Promise<Extraction>;
}

type RuleReader = (page: Page, links: Links) => Item[] | Promise<Item[]>;

export function compileTask(spec: TaskSpec): CompiledTask {
  const isInScope = urlScope(spec);
  const readers = new Map<string, RuleReader>();
  for (const [name, rule] of Object.entries(spec.rules)) readers.set(name, compileRule(name, rule));
  return {
    async extract(content) {
      try {
        if (content.rule === SITEMAP_RULE) return await readSitemap(content, spec.root, isInScope);
        const read = readers.get(content.rule);
        if (read === undefined) throw failed(`the task has no rule "${content.rule}"`);
        const page = await Page.read(content);
        const links = new Links(page.baseUrl, content.carried, isInScope);
        const items = await read(page, links);
        return { title: page.title, links: links.found, items };
      } catch (error) {
        if (isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
        throw failed(
          `the page cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          error,
        );
      }
    },
  };
}

function compileRule(name: string, rule: Rule): RuleReader {
  if (rule.kind === 'declarative') return compileDeclarativeRule(name, rule);
  return () => {
    throw failed('scripts cannot be run yet');
  };
}
