import { failed } from '../failed.js';
import type { Item } from './field.js';

export const MAX_ITEMS = 10_000;

/** Of what code gives for the items of a page: none, one or several. Values become what JSON makes of them. */
export function itemsOf(given: unknown, where: string): Item[] {
  if (given === undefined || given === null) return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > MAX_ITEMS) throw failed(`${where} gives more than ${MAX_ITEMS} items`);
  return list.map((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw failed(`${where} gives ${JSON.stringify(item) ?? typeof item} for an item; expected an object`);
    }
    return JSON.parse(JSON.stringify(item)) as Item;
  });
}

/** Whether anything of it was found. */
export function isFound(item: Item): boolean {
  return Object.values(item).some((value) => value !== null && !(Array.isArray(value) && value.length === 0));
}
