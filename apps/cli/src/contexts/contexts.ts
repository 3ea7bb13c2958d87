import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { EXIT, Failure } from '../failure.js';

/** The clusters that a person works with, by names of their own, and which of them is meant when none is named. */
export interface Contexts {
  current: string | undefined;
  /** REST addresses of masters. */
  contexts: Record<string, { server: string[] }>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const schema = z.strictObject({
  current: z.string().optional(),
  contexts: z.record(z.string(), z.strictObject({ server: z.array(z.url()).min(1) })).default({}),
});

/** ORBWEAVER_CONFIG, else `orbweaver/config.yaml` where the XDG base directories say. */
export function contextsFile(env: Environment): string {
  return (
    env['ORBWEAVER_CONFIG'] ??
    join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'orbweaver', 'config.yaml')
  );
}

/** No file: no contexts. One that cannot be read is said, not passed over. */
export function readContexts(file: string): Contexts {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: undefined, contexts: {} };
    throw new Failure(EXIT.usage, `${file} cannot be read: ${messageOf(error)}`);
  }
  try {
    const { current, contexts } = schema.parse(parse(text) ?? {});
    return { current, contexts };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Failure(EXIT.usage, `${file} is wrong:\n${why}`);
  }
}

/** As a whole or not at all. */
export function writeContexts(file: string, { current, contexts }: Contexts): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  writeFileSync(part, stringify({ ...(current === undefined ? {} : { current }), contexts }), {
    mode: 0o600,
  });
  renameSync(part, file);
}

/** Of the named one, else of the current one; undefined when there is none. */
export function serversOf({ current, contexts }: Contexts, name: string | undefined): string[] | undefined {
  const wanted = name ?? current;
  if (wanted === undefined) return undefined;
  const found = contexts[wanted];
  if (found !== undefined) return found.server;
  const known = Object.keys(contexts);
  throw new Failure(
    EXIT.usage,
    `There is no context ${JSON.stringify(wanted)}; ${known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`}.` +
      `\nMake it with: orbweaver context set ${wanted} --server=URL`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
