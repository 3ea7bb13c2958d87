import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import type { Fault } from './faults.js';
import { nearest } from './nearest.js';
import type { Setting } from './settings.js';

/** What a TOML file says: values by setting name, not yet read by their types. */
export interface ConfigFile {
  readonly values: ReadonlyMap<string, unknown>;
  readonly faults: readonly Fault[];
}

/** Tables of these names hold what only that program is told; the others skip them. */
const PROGRAMS = ['master', 'worker', 'up', 'etcd'];

/**
 * Reads the file for one program: its top-level keys, and over them the keys of the table named like the program,
 * so that masters and workers can share a file.
 */
export function readConfigFile(file: string, program: string, settings: readonly Setting[]): ConfigFile {
  let document: Record<string, unknown>;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { values: new Map(), faults: [{ where: `--config=${file}`, message: unreadable(error) }] };
  }
  const known = new Set(settings.map(({ flag }) => flag));
  const values = new Map<string, unknown>();
  const faults: Fault[] = [];
  const own = document[program];
  for (const [section, table] of [
    ['', document],
    [program, isTable(own) && !known.has(program) ? own : {}],
  ] as const) {
    for (const [key, value] of Object.entries(table)) {
      if (section === '' && PROGRAMS.includes(key) && isTable(value) && !known.has(key)) continue;
      if (known.has(key)) values.set(key, value);
      else {
        const name = section === '' ? key : `${section}.${key}`;
        faults.push({ where: `${file}: ${name}`, message: unknownKey(key, known) });
      }
    }
  }
  return { values, faults };
}

function unknownKey(key: string, known: ReadonlySet<string>): string {
  const meant = nearest(key.replaceAll('_', '-'), known);
  return meant === undefined ? 'there is no such key' : `there is no such key; did you mean ${meant}?`;
}

function unreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'may not be read (permission denied)';
  if (code === 'EISDIR') return 'is a directory, not a file';
  return `is not valid TOML: ${message.trim()}`;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
