import type { RootCommand } from '@bomb.sh/tab';
import { parseDuration } from '@app/config';
import { MasterApi } from '../api/master-api.js';
import { contextsFile, readContexts } from '../contexts/contexts.js';
import { Failure } from '../failure.js';
import { serversFrom } from './options.js';

/** Of tasks: those that begin as what stands there already. */
const MOST_NAMES = 500;
/** Somebody has pressed Tab and waits; unless the line says how long one may. */
const TIMEOUT_MS = 1_000;

/**
 * Gives the completion of a command line the names that only the cluster knows: of tasks, nodes, and contexts. The
 * words are those of the line so far. Where no master answers there are none.
 */
export async function addNames(
  root: RootCommand,
  words: readonly string[],
  env = process.env,
): Promise<void> {
  const plain = words.filter((word) => !word.startsWith('-'));
  const command = root.commands.get(plain.slice(0, 2).join(' ')) ?? root.commands.get(plain[0] ?? '');
  if (command === undefined) return;
  const begun = words.at(-1) ?? '';
  const isContext = command.value.startsWith('context');
  for (const argument of command.arguments.values()) {
    const find = isContext ? contextNames : { name: taskNames, node: nodeNames }[argument.name];
    if (find === undefined) continue;
    const names = await find(begun, words, env).catch((error: unknown) => {
      if (error instanceof Failure) return [];
      throw error;
    });
    argument.handler = (complete) => names.forEach((name) => complete(name, ''));
  }
}

/** With options and their values as words of their own, but for the one that is being written. */
export function separated(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const at = word.indexOf('=');
    return index < words.length - 1 && word.startsWith('--') && at > 0
      ? [word.slice(0, at), word.slice(at + 1)]
      : [word];
  });
}

type Find = (
  begun: string,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Promise<string[]>;

const taskNames: Find = async (begun, words, env) => {
  const { resources } = await apiOf(words, env).list({ page_size: MOST_NAMES, prefix: begun });
  return resources.map(({ name }) => name);
};

const nodeNames: Find = async (_, words, env) => {
  const api = apiOf(words, env);
  const [{ nodes }, { masters }] = await Promise.all([api.nodes(), api.masters()]);
  return [...nodes, ...(words.includes('profile') ? masters : [])].map(({ id }) => id);
};

const contextNames: Find = async (_, __, env) => Object.keys(readContexts(contextsFile(env)).contexts);

function apiOf(words: readonly string[], env: Readonly<Record<string, string | undefined>>): MasterApi {
  const server = optionOf(words, '--server', '-s')?.split(',');
  const timeoutMs = parseDuration(optionOf(words, '--timeout') ?? '') || TIMEOUT_MS;
  return new MasterApi(server ?? serversFrom(optionOf(words, '--context'), env), timeoutMs);
}

/** `--server=x`, `--server x` and `-s x`. */
function optionOf(words: readonly string[], ...names: string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (names.includes(word)) return words[index + 1];
    const name = names.find((one) => word.startsWith(`${one}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}
