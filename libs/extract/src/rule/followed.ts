import { failed } from '../failed.js';
import type { Carried, Links } from '../links.js';

/** A link that code wants followed. */
export interface Followed {
  url: string;
  /** Undefined: the rule of the page that it stands on. */
  rule: string | undefined;
  priority: number;
  carry: Carried;
  isPagination: boolean;
}

/** Adds links that code found; those beyond the task's scope are passed over, as any others. */
export function followedBy(
  rule: string,
  ruleNames: ReadonlySet<string>,
): (links: Links, link: Followed) => void {
  return (links, { url: text, rule: to = rule, priority, carry, isPagination }) => {
    if (!ruleNames.has(to))
      throw failed(`rule "${rule}" follows to the rule "${to}", which the task does not have`);
    if (!Number.isSafeInteger(priority)) throw failed(`rule "${rule}" follows with the priority ${priority}`);
    const url = links.isFull ? undefined : links.resolve(text);
    if (url === undefined) return;
    links.add(url, { rule: to, priority, isPagination }, Object.keys(carry).length === 0 ? undefined : carry);
  };
}
