import { contextsFile, readContexts, serversOf, writeContexts } from '../contexts/contexts.js';
import { EXIT, Failure } from '../failure.js';
import type { Output } from '../output/output.js';

export async function listContexts(output: Output, env = process.env): Promise<void> {
  const { current, contexts } = readContexts(contextsFile(env));
  await output.show({ current: current ?? null, contexts }, (colours) => ({
    head: ['', 'CONTEXT', 'SERVER'],
    rows: Object.entries(contexts).map(([name, { server }]) => [
      name === current ? colours.green('*') : '',
      name,
      server.join(','),
    ]),
    empty: 'There are no contexts. Make one with: orbweaver context set NAME --server=URL',
  }));
}

/** Makes it or changes it; the first one is used from then on. */
export function setContext(
  name: string,
  server: string[] | undefined,
  output: Output,
  env = process.env,
): void {
  if (server === undefined) throw new Failure(EXIT.usage, 'Say where its masters are: --server=URL[,URL…]');
  const file = contextsFile(env);
  const { current, contexts } = readContexts(file);
  const next = { current: current ?? name, contexts: { ...contexts, [name]: { server } } };
  writeContexts(file, next);
  output.remark(
    `${name} is ${server.join(',')}${next.current === name ? ', and used from now on' : ''} (${file}).`,
  );
}

export function useContext(name: string, output: Output, env = process.env): void {
  const file = contextsFile(env);
  const known = readContexts(file);
  const server = serversOf(known, name);
  writeContexts(file, { ...known, current: name });
  output.remark(`${name} is used from now on: ${server?.join(',')}`);
}

export function deleteContext(name: string, output: Output, env = process.env): void {
  const file = contextsFile(env);
  const { current, contexts } = readContexts(file);
  if (contexts[name] === undefined)
    throw new Failure(EXIT.notFound, `There is no context ${JSON.stringify(name)}.`);
  const { [name]: _, ...others } = contexts;
  writeContexts(file, { current: current === name ? undefined : current, contexts: others });
  output.remark(`${name} is forgotten.`);
}
