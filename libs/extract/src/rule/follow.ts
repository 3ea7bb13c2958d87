import { compilePattern, type Field, type Follow } from '@app/tasks';
import { compileSelector, type Selector } from '../html/selector/compile-selector.js';
import type { Links } from '../links.js';
import type { Page } from '../page.js';
import { compileFields, type Item, type Place } from './field.js';

/** Adds the links of a page to those that were found. */
export type Follower = (page: Page, links: Links) => void;

/** Where nothing else holds a link, the carried values that are those of `:scope` are looked for in the link itself. */
export function compileFollow(rule: string, follow: Follow, isPagination: boolean): Follower {
  const each = follow.each === undefined ? undefined : compileSelector(follow.each);
  const find = compileLink(follow.link);
  const where = follow.where === undefined ? undefined : compilePattern(follow.where);
  const ofLink = (field: Field): boolean => each === undefined && isOfScope(field);
  const carry = compileCarried(rule, follow.carry, (field) => !ofLink(field));
  const carryOfLink = compileCarried(rule, follow.carry, ofLink);
  const link = { rule: follow.to, priority: follow.priority, isPagination };
  return (page, links) => {
    for (const place of placesOf(page, each)) {
      let shared: Item | undefined;
      for (const { text, element } of find(place)) {
        if (links.isFull) return;
        const url = links.resolve(text);
        if (url === undefined || where?.test(url.href) === false) continue;
        shared ??= carry?.(place);
        links.add(
          url,
          link,
          carryOfLink === undefined ? shared : { ...shared, ...carryOfLink({ page, element }) },
        );
      }
    }
  };
}

function isOfScope({ from }: Field): boolean {
  return from.kind === 'css' && from.select.includes(':scope');
}

function compileCarried(rule: string, carry: Follow['carry'], which: (field: Field) => boolean) {
  const fields = Object.entries(carry).filter(([, field]) => which(field));
  return fields.length === 0 ? undefined : compileFields(rule, Object.fromEntries(fields));
}

interface LinkText {
  text: string;
  element: Place['element'];
}

function compileLink(link: Follow['link']): (place: Place) => Iterable<LinkText> {
  if ('match' in link) {
    const pattern = compilePattern(link.match);
    return ({ page, element }) =>
      pattern.all(page.textWithin(element)).map((text) => ({ text: text.replaceAll('&amp;', '&'), element }));
  }
  const selector = compileSelector(link.select);
  return function* ({ page, element: scope }) {
    for (const element of selector(page.document, scope)) {
      const text = element.attribute(link.attribute);
      if (text !== undefined) yield { text, element };
    }
  };
}

export function* placesOf(page: Page, each: Selector | undefined): Generator<Place> {
  if (each === undefined) yield { page, element: undefined };
  else for (const element of each(page.document)) yield { page, element };
}
