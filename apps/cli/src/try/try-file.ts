import { resolve } from 'node:path';
import { isOrbweaverError } from '@app/errors';
import { isModuleFile, type TaskCode, TaskModules } from '@app/task-modules';
import { parseTaskSpec, type TaskSpec } from '@app/tasks';
import { EXIT, Failure } from '../failure.js';
import { readSpec } from '../spec-file.js';

export interface TriedTask {
  spec: TaskSpec;
  parsers: TaskCode['parsers'] | undefined;
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
