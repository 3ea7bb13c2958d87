import { resolve } from 'node:path';
import { isOrbweaverError } from '@app/errors';
import { isModuleFile, type TaskCode, TaskModules } from '@app/task-modules';
import { normalizeUrl, parseTaskSpec, seedPages, type TaskSpec } from '@app/tasks';
import { EXIT, Failure } from '../failure.js';
import { readSpec } from '../spec-file.js';

export interface TriedTask {
  spec: TaskSpec;
  parsers: TaskCode['parsers'] | undefined;
}

/** A page of the task, and the rule that is to read it. */
export interface TriedPage {
  url: string;
  rule: string;
}

/** Reads tasks anew each time: between two tries somebody edits them. */
export class TaskFile {
  readonly #modules = new TaskModules();

  constructor(private readonly file: string) {}

  async read(stdin: NodeJS.ReadableStream): Promise<TriedTask> {
    const { value, parsers } = await this.#contents(stdin);
    try {
      return { spec: parseTaskSpec(value), parsers };
    } catch (error) {
      if (!isOrbweaverError(error)) throw error;
      throw new Failure(EXIT.usage, `${this.file}: ${error.message}`, { cause: error });
    }
  }

  async #contents(stdin: NodeJS.ReadableStream) {
    if (!isModuleFile(this.file))
      return { value: (await readSpec(this.file, stdin)) as unknown, parsers: undefined };
    const found = await this.#modules.load(resolve(this.file)).catch((error: unknown) => {
      throw new Failure(EXIT.usage, `Cannot read ${this.file}: ${String(error)}.`, { cause: error });
    });
    if (found.kind === 'wrong') throw new Failure(EXIT.usage, found.reason);
    return { value: found.value, parsers: found.code?.parsers };
  }
}

/** The page that is asked for, else the first seed; with the rule that is asked for, else that of the seeds. */
export function pageOf(spec: TaskSpec, url: string | undefined, rule: string | undefined): TriedPage {
  const seeds = seedPages(spec);
  if (rule !== undefined && spec.rules[rule] === undefined) {
    const known = Object.keys(spec.rules).join(', ');
    throw new Failure(EXIT.usage, `The task has no rule "${rule}"; it has ${known}.`);
  }
  if (url === undefined) {
    const [seed] = seeds;
    if (seed === undefined) throw new Failure(EXIT.usage, 'The task has no seed; name a URL.');
    return { url: seed.url, rule: rule ?? seed.rule };
  }
  const page = normalizeUrl(url.includes('://') ? url : `http://${url}`);
  if (page === undefined) throw new Failure(EXIT.usage, `"${url}" is not a URL such as http://books.test/1.`);
  const seed = seeds.find((candidate) => candidate.url === page.href);
  return { url: page.href, rule: rule ?? seed?.rule ?? spec.root };
}
