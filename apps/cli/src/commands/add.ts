import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Spec } from '../api/master-api.js';
import type { Client } from './client.js';
import { EXIT, Failure } from '../failure.js';
import { Terminal } from '../output/terminal.js';
import { nameOf, readSpecs } from '../spec-file.js';

const LARGEST_BATCH = 1000;

interface Task {
  readonly name: string;
  /** Absent: the workers know the task by its name. */
  readonly spec?: Spec;
}

interface Added {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  /** Why it was not added. */
  readonly error?: string;
}

/** Adds every task that is named, one by one or, where there are many specs, in batches. */
export async function add(
  { api, output, streams: { stdin, stderr } }: Client,
  what: readonly string[],
  pending: boolean,
): Promise<void> {
  const tasks = (await Promise.all(what.map((argument) => tasksOf(argument, stdin)))).flat();
  const added: Added[] = [];
  const [only] = tasks;
  if (tasks.length === 1 && only !== undefined) {
    const node = await api.add(only.name, only.spec, pending);
    added.push({ name: only.name, node: node.id, address: node.Address });
  } else {
    const terminal = new Terminal(stderr);
    try {
      for (let start = 0; start < tasks.length; start += LARGEST_BATCH) {
        terminal.progressBar('Adding', start, tasks.length, `${start} of ${tasks.length} tasks`);
        const batch = tasks.slice(start, start + LARGEST_BATCH);
        const { results } = await api.addAll(batch, pending);
        for (const [index, result] of results.entries()) {
          added.push({
            name: batch[index]?.name ?? '',
            node: result.nodeId,
            address: result.nodeAddress,
            ...(result.code === 0 ? {} : { error: result.message }),
          });
        }
      }
    } finally {
      terminal.clear();
    }
  }
  await output.show(tasks.length === 1 ? added[0] : added, (colours) => ({
    head: ['NAME', 'NODE', 'ADDRESS', ''],
    rows: added.map(({ name, node, address, error }) => [
      name,
      node === '' && error === undefined ? colours.yellow('waits for a worker') : node,
      address,
      error === undefined ? '' : colours.red(error),
    ]),
  }));
  const failed = added.filter(({ error }) => error !== undefined).length;
  if (failed > 0) throw new Failure(EXIT.failed, `${failed} of ${tasks.length} tasks were not added.`);
}

async function tasksOf(argument: string, stdin: NodeJS.ReadableStream): Promise<Task[]> {
  if (MODULE.test(argument)) {
    throw new Failure(
      EXIT.usage,
      `${argument} is a module, and modules live with the workers: put it into the directory of their --tasks,\n` +
        `then add it by its name: orbweaver add ${basename(argument).replace(MODULE, '')}`,
    );
  }
  if (argument !== '-' && !looksLikeFile(argument)) return [{ name: argument }];
  const specs = await readSpecs(argument, stdin);
  return specs.map((spec) => ({ name: nameOf(spec, argument === '-' ? 'standard input' : argument), spec }));
}

const MODULE = /\.[mc]?[jt]s$/i;

function looksLikeFile(argument: string): boolean {
  return /[/\\]|\.(?:ya?ml|json)$/i.test(argument) || isFile(argument);
}

function isFile(argument: string): boolean {
  return statSync(argument, { throwIfNoEntry: false })?.isFile() === true;
}
