import { compilePattern, type DeclarativeRule } from '@app/tasks';
import { failed } from '../failed.js';
import { compileSelector } from '../html/selector/compile-selector.js';
import type { Links } from '../links.js';
import type { Page } from '../page.js';
import { compileFields, type Item } from './field.js';
import { compileFollow, placesOf } from './follow.js';
import { MAX_ITEMS } from './item.js';

/** Gives what the fields find on a page, and adds its links to those that were found. */
export type DeclarativeReader = (page: Page, links: Links) => Item[];

/** Without fields a page gives one item without members. */
export function compileDeclarativeRule(name: string, rule: DeclarativeRule): DeclarativeReader {
  const followers = rule.follow.map((follow) => compileFollow(name, follow, false));
  if (rule.paginate !== undefined) followers.push(compileFollow(name, rule.paginate, true));
  const each = rule.each === undefined ? undefined : compileSelector(rule.each);
  const where = rule.where === undefined ? undefined : compilePattern(rule.where);
  const fields = compileFields(name, rule.fields ?? {});
  return (page, links) => {
    for (const follow of followers) follow(page, links);
    const items: Item[] = [];
    for (const place of placesOf(page, each)) {
      if (where?.test(page.textWithin(place.element)) === false) continue;
      if (items.length === MAX_ITEMS) throw failed(`rule "${name}" finds more than ${MAX_ITEMS} items`);
      items.push(fields(place));
    }
    return items;
  };
}
