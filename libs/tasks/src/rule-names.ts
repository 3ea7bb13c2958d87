import { nearest } from '@app/config';
import type { Fault } from './syntax/faults.js';

/**
 * What is wrong with the names of rules in `root` and `to`. Reads the text as it was written, so that these faults
 * are told along with all others.
 */
export function ruleNameFaults(task: unknown): Fault[] {
  if (!isObject(task)) return [];
  const names = isObject(task['rules']) ? Object.keys(task['rules']) : ['page'];
  const faults = linksOf(task).flatMap(({ path, to }) => {
    return names.includes(to) ? [] : [{ path, message: noRule(to, names) }];
  });
  const { root } = task;
  if (typeof root === 'string') {
    if (!names.includes(root)) faults.push({ path: ['root'], message: noRule(root, names) });
  } else if (names.length > 0 && rootOf(task) === undefined) {
    faults.push({
      path: ['root'],
      message: `expected the rule of the seeds' pages, one of ${names.join(', ')}`,
    });
  }
  return faults;
}

/**
 * The rule of the seeds' pages where the spec says none: the only one, or else the only one that no other leads to.
 * The order of the rules does not matter: a spec may be stored with its keys sorted.
 */
export function rootOf(task: unknown): string | undefined {
  const rules = isObject(task) && isObject(task['rules']) ? Object.keys(task['rules']) : ['page'];
  if (rules.length === 1) return rules[0];
  const led = new Set(linksOf(task).flatMap(({ from, to }) => (from === to ? [] : [to])));
  const candidates = rules.filter((rule) => !led.has(rule));
  return candidates.length === 1 ? candidates[0] : undefined;
}

interface WrittenLink {
  from: string;
  to: string;
  path: PropertyKey[];
}

function linksOf(task: unknown): WrittenLink[] {
  if (!isObject(task) || !isObject(task['rules'])) return [];
  return Object.entries(task['rules']).flatMap(([from, rule]) => {
    const follow = isObject(rule) ? rule['follow'] : undefined;
    if (!Array.isArray(follow)) return linkOf(from, follow, ['rules', from, 'follow', 'to']);
    return follow.flatMap((link, index) => linkOf(from, link, ['rules', from, 'follow', index, 'to']));
  });
}

function linkOf(from: string, link: unknown, path: PropertyKey[]): WrittenLink[] {
  return isObject(link) && typeof link['to'] === 'string' ? [{ from, to: link['to'], path }] : [];
}

function noRule(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  const known = meant === undefined ? `known are ${names.join(', ')}` : `is "${meant}" meant?`;
  return `no rule ${JSON.stringify(name)}, ${known}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
