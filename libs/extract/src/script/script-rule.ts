import type { ScriptRule } from '@app/tasks';
import type { Carried, Links } from '../links.js';
import type { Page } from '../page.js';
import type { Item } from '../rule/field.js';
import { followedBy } from '../rule/followed.js';
import type { Scripts } from './scripts.js';

/** A rule that is a script: it has what the page is, and gives what it finds. */
export function compileScriptRule(
  name: string,
  { source, timeoutMs, memoryBytes }: ScriptRule,
  ruleNames: ReadonlySet<string>,
  scripts: () => Scripts,
): (page: Page, links: Links) => Promise<{ items: Item[]; log: string[] }> {
  const follow = followedBy(name, ruleNames);
  return async ({ about, kind, text }, links) => {
    const { url, contentType, rule, depth, carried } = about;
    const page = { about: { url, contentType, rule, depth, carried }, kind, text };
    const { items, follows, log } = await scripts().run({ source, timeoutMs, memoryBytes, page });
    for (const { carry, ...link } of follows) follow(links, { ...link, carry: JSON.parse(carry) as Carried });
    return { items: items.map((item) => JSON.parse(item) as Item), log };
  };
}
