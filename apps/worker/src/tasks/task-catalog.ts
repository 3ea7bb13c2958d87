import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MAX_SPEC_BYTES } from '@app/resources';
import { type FoundTask, isModuleFile, TaskModules } from '@app/task-modules';
import { parse } from 'yaml';
import type { NamedTask, Tasks } from '../settings.js';

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

const ENDINGS = ['yaml', 'yml', 'json', 'ts', 'mts', 'js', 'mjs'];
/** However many tasks are looked for, the directory is listed once in this time. */
const LISTED_FOR_MS = 1_000;

/**
 * `<name>.yaml`, `.yml` or `.json`, or a module `<name>.ts`, `.mts`, `.js` or `.mjs`, in a directory, which may
 * change at any time. Files that begin with `_` are no tasks.
 */
export class TaskDirectory implements TaskCatalog {
  readonly #modules = new TaskModules();
  #listing: { names: Promise<Set<string>>; until: number } | undefined;

  constructor(private readonly directory: string) {}

  async find(name: string): Promise<FoundTask | undefined> {
    const file = await this.#fileOf(name);
    if (file === undefined) return undefined;
    const path = resolve(this.directory, file);
    try {
      if (isModuleFile(file)) return await this.#modules.load(path);
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
        (files) => new Set(files.filter((file) => !/^_|\.d\.[mc]?ts$/.test(file))),
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
