import { isOrbweaverError } from '@app/errors';
import { SITEMAP_RULE, urlScope, type Parser, type Rule, type TaskSpec } from '@app/tasks';
import type { Extraction, PageContent } from './extraction.js';
import { failed } from './failed.js';
import { Links } from './links.js';
import type { Page } from './page.js';
import { readPage } from './read-page.js';
import { compileDeclarativeRule } from './rule/declarative-rule.js';
import { isFound } from './rule/item.js';
import { compileParsedRule } from './rule/parsed-rule.js';
import { compileScriptRule } from './script/script-rule.js';
import { sharedScripts, type Scripts } from './script/scripts.js';
import { readSitemap } from './sitemap.js';

/** A task's rules, ready for its pages: made once, for all of them. */
export interface CompiledTask {
  /** Throws EXTRACT_FAILED, with a reason for people, when the page cannot be read as its rule says. */
  extract(page: PageContent): Promise<Extraction>;
}

/** Of a task in TypeScript, by the names of their rules. */
export type Parsers = Readonly<Record<string, Parser>>;

type Found = Pick<Extraction, 'items' | 'log'>;

/** Adds a page's links to those that were found, and gives the rest. */
type RuleReader = (page: Page, links: Links) => Found | Promise<Found>;

/** `scripts`: where those of the task run. */
export function compileTask(
  spec: TaskSpec,
  parsers: Parsers = {},
  scripts: () => Scripts = sharedScripts,
): CompiledTask {
  const isInScope = urlScope(spec);
  const ruleNames = new Set(Object.keys(spec.rules));
  const readers = new Map(
    Object.entries(spec.rules).map(([name, rule]) => [name, compileRule(name, rule)] as const),
  );
  return {
    async extract(content) {
      try {
        if (content.rule === SITEMAP_RULE) return await readSitemap(content, spec.root, isInScope);
        const read = readers.get(content.rule);
        if (read === undefined) throw failed(`the task has no rule "${content.rule}"`);
        const page = await readPage(content);
        const links = new Links(page.baseUrl, content.carried, isInScope);
        const found = await read(page, links);
        return { title: page.title, links: links.found, ...found };
      } catch (error) {
        if (isOrbweaverError(error, 'EXTRACT_FAILED')) throw error;
        throw failed(
          `the page cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          error,
        );
      }
    },
  };

  function compileRule(name: string, rule: Rule): RuleReader {
    if (rule.kind === 'script') return compileScriptRule(name, rule, ruleNames, scripts);
    const read = compileDeclarativeRule(name, rule);
    const parse = parsers[name];
    if (parse === undefined) return (page, links) => ({ items: read(page, links).filter(isFound) });
    return compileParsedRule(name, read, parse, ruleNames);
  }
}
