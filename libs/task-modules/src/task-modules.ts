import { fileURLToPath } from 'node:url';
import { isTaskModule } from '@app/tasks';
import { createJiti } from 'jiti';
import type { FoundTask } from './found-task.js';
import { fingerprintOf } from './module-source.js';

/** What `import … from 'orbweaver'` gives to a task, wherever its file stands. */
const ORBWEAVER = fileURLToPath(new URL('../../tasks/src/define-task', import.meta.url));

const MODULE = /(?<!\.d)\.[mc]?[jt]s$/;

/** By its name; declarations of types are none. */
export function isModuleFile(file: string): boolean {
  return MODULE.test(file);
}

interface Loaded {
  fingerprint: string;
  task: Promise<FoundTask>;
}

/**
 * Tasks that are TypeScript or JavaScript modules with what `defineTask` gives as their default export. A module
 * is run anew only when it, or a file beside it that it imports, has changed. It runs in this very process:
 * whoever may write into the directory of tasks may do what the worker may.
 */
export class TaskModules {
  readonly #loaded = new Map<string, Loaded>();

  /** Throws what reading the file throws. */
  async load(path: string): Promise<FoundTask> {
    const fingerprint = await fingerprintOf(path);
    let loaded = this.#loaded.get(path);
    if (loaded?.fingerprint !== fingerprint) {
      loaded = { fingerprint, task: run(path, fingerprint) };
      this.#loaded.set(path, loaded);
    }
    return loaded.task;
  }
}

async function run(path: string, fingerprint: string): Promise<FoundTask> {
  const jiti = createJiti(import.meta.url, {
    alias: { orbweaver: ORBWEAVER },
    // What it imports may have changed, too; and each Node reads it alike.
    moduleCache: false,
    fsCache: false,
    tryNative: false,
  });
  try {
    const exported: unknown = await jiti.import(path, { default: true });
    if (isTaskModule(exported)) {
      const { spec, parsers } = exported;
      return { kind: 'found', value: spec, code: { parsers, fingerprint } };
    }
    return {
      kind: 'wrong',
      reason: `${path}: expected \`export default defineTask({ … })\` from 'orbweaver'`,
    };
  } catch (error) {
    return { kind: 'wrong', reason: faultOf(error, path) };
  }
}

/** With the line at which it stands, as far as that can be told. */
function faultOf(error: unknown, path: string): string {
  const { message = String(error), stack = '' } = error as Partial<Error>;
  const [first = ''] = message.split('\n');
  const places = `${message.slice(first.length)}\n${stack}`.match(PLACE) ?? [];
  const place = places.find((candidate) => !candidate.includes('/node_modules/')) ?? path;
  return `${place}: ${first.trim()}`;
}

const PLACE = /\/[^\s()]+\.[mc]?[jt]s:\d+:\d+/g;
