import { nearest } from '@app/config';
import type { Fault } from './syntax/faults.js';
import { quoted } from './quoted.js';

/** Comparing many names with many others takes time. */
const MAX_TOLD = 100;
const MAX_LENGTH = 100;

/**
 * What is wrong with the names of rules in `root` and `to`. Reads the text as it was written, so that these faults
 * are told along with all others.
 */
export function ruleNameFaults(task: unknown): Fault[] {
  if (!isObject(task)) return [];
  const names = isObject(task['rules']) ? Object.keys(task['rules']) : ['page'];
  const known = new Set(names);
  const faults = linksOf(task)
    .filter(({ to }) => !known.has(to))
    .slice(0, MAX_TOLD)
    .map(({ path, to }): Fault => ({ path, message: noRule(to, names) }));
  const { root } = task;
  if (typeof root === 'string') {
    if (!known.has(root)) faults.push({ path: ['root'], message: noRule(root, names) });
  } else if (names.length > 0 && rootOf(task) === undefined) {
    faults.push({
      path: ['root'],
      message: `expected the rule of the seeds' pages, one of ${listed(names)}`,
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
  const meant = name.length > MAX_LENGTH ? undefined : nearest(name, names.slice(0, MAX_TOLD));
  return `no rule ${quoted(name)}, ${meant === undefined ? `known are ${listed(names)}` : `is "${meant}" meant?`}`;
}

function listed(names: readonly string[]): string {
  return names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
