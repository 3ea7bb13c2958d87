import { OrbweaverError } from '@app/errors';
import { normalizeUrl, seedPages, type TaskSpec } from '@app/tasks';

/** A page of a task, and the rule that is to read it. */
export interface PageOfTask {
  url: string;
  rule: string;
}

/**
 * The page that is asked for, else the first seed; with the rule that is asked for, else that of the seeds. Throws
 * INVALID_ARGUMENT.
 */
export function pageOf(spec: TaskSpec, url: string | undefined, rule: string | undefined): PageOfTask {
  const seeds = seedPages(spec);
  if (rule !== undefined && !Object.hasOwn(spec.rules, rule)) {
    throw invalid(`the task has no rule "${rule}"; it has ${Object.keys(spec.rules).join(', ')}`);
  }
  if (url === undefined) {
    const [seed] = seeds;
    if (seed === undefined) throw invalid('the task has no seed; name a URL');
    return { url: seed.url, rule: rule ?? seed.rule };
  }
  const page = normalizeUrl(url.includes('://') ? url : `http://${url}`);
  if (page === undefined) throw invalid(`"${url}" is not a URL such as http://books.test/1`);
  const seed = seeds.find((candidate) => candidate.url === page.href);
  return { url: page.href, rule: rule ?? seed?.rule ?? spec.root };
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}
