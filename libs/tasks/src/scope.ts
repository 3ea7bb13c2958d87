import type { PageUrl } from './page-url.js';
import type { TaskSpec } from './spec.js';
import { compileUrlPattern } from './url-pattern.js';

/** Which URLs belong to a task: compiled once, asked for every link. */
export function urlScope(spec: TaskSpec): (url: PageUrl) => boolean {
  const allowed = spec.allow === undefined ? hostsOfSeeds(spec) : anyOf(spec.allow);
  const denied = anyOf(spec.deny);
  return (url) => allowed(url) && !denied(url);
}

function hostsOfSeeds(spec: TaskSpec): (url: PageUrl) => boolean {
  const hosts = new Set(spec.seeds.map(({ url }) => new URL(url).host));
  return ({ host }) => hosts.has(host);
}

function anyOf(patterns: readonly string[]): (url: PageUrl) => boolean {
  const tests = patterns.map(compileUrlPattern);
  return (url) => tests.some((test) => test(url));
}
