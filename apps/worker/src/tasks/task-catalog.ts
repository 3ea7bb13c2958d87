import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_SPEC_BYTES } from '@app/resources';
import { parse } from 'yaml';
import type { NamedTask, Tasks } from '../settings.js';

/** A task as it was found: not yet checked. */
export type FoundTask = { kind: 'found'; value: unknown } | { kind: 'wrong'; reason: string };

/** The tasks that a worker knows by name, for resources that come without a spec. */
export interface TaskCatalog {
  /** Undefined when there is no task of that name. */
  find(name: string): Promise<FoundTask | undefined>;
  has(name: string): Promise<boolean>;
  names(): Promise<string[]>;
  /** What to do so that there is a task of that name. */
  advice(name: string): string;
}

export function catalogOf(tasks: Tasks | undefined): TaskCatalog | undefined {
  if (tasks === undefined) return undefined;
  return 'directory' in tasks ? new TaskDirectory(tasks.directory) : new TaskList(tasks.list);
}

const ENDINGS = ['yaml', 'yml', 'json'];
/** However many tasks are looked for, the directory is listed once in this time. */
const LISTED_FOR_MS = 1_000;

/** `<name>.yaml`, `.yml` or `.json` in a directory, which may change at any time. */
export class TaskDirectory implements TaskCatalog {
  #listing: { names: Promise<Set<string>>; until: number } | undefined;

  constructor(private readonly directory: string) {}

  async find(name: string): Promise<FoundTask | undefined> {
    const file = await this.#fileOf(name);
    if (file === undefined) return undefined;
    const path = join(this.directory, file);
    try {
      const text = await readFile(path, 'utf8');
      if (Buffer.byteLength(text) > MAX_SPEC_BYTES) {
        return { kind: 'wrong', reason: `${path}: a spec is at most ${MAX_SPEC_BYTES} bytes` };
      }
      // JSON is YAML.
      return { kind: 'found', value: parse(text) as unknown };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      return { kind: 'wrong', reason: `${path}: ${messageOf(error)}` };
    }
  }

  async has(name: string): Promise<boolean> {
    return (await this.#fileOf(name)) !== undefined;
  }

  async names(): Promise<string[]> {
    const names = [...(await this.#files())].flatMap((file) => {
      const ending = ENDINGS.find((candidate) => file.endsWith(`.${candidate}`));
      return ending === undefined ? [] : [file.slice(0, -1 - ending.length)];
    });
    return [...new Set(names)].sort();
  }

  advice(name: string): string {
    return `put ${name}.yaml into ${this.directory} of the worker`;
  }

  async #fileOf(name: string): Promise<string | undefined> {
    const files = await this.#files();
    return ENDINGS.map((ending) => `${name}.${ending}`).find((candidate) => files.has(candidate));
  }

  #files(): Promise<Set<string>> {
    const now = performance.now();
    if (this.#listing === undefined || this.#listing.until <= now) {
      // A directory that is not there (yet) holds no task.
      const names = readdir(this.directory).then(
        (files) => new Set(files),
        () => new Set<string>(),
      );
      this.#listing = { names, until: now + LISTED_FOR_MS };
    }
    return this.#listing.names;
  }
}

/** Tasks that stand in the configuration file, by their names. */
export class TaskList implements TaskCatalog {
  readonly #tasks: ReadonlyMap<string, unknown>;

  constructor(tasks: readonly NamedTask[]) {
    this.#tasks = new Map(tasks.map((task) => [task.name, task]));
  }

  async find(name: string): Promise<FoundTask | undefined> {
    const value = this.#tasks.get(name);
    return value === undefined ? undefined : { kind: 'found', value };
  }

  async has(name: string): Promise<boolean> {
    return this.#tasks.has(name);
  }

  async names(): Promise<string[]> {
    return [...this.#tasks.keys()];
  }

  advice(name: string): string {
    return `add ${JSON.stringify(name)} to the tasks of the worker's configuration file`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
