import type { Fault } from './faults.js';
import { nearest } from './nearest.js';
import type { Setting } from './settings.js';

/** What a command line says: texts by flag, not yet read as values. */
export interface CommandLine {
  readonly texts: ReadonlyMap<string, string>;
  readonly help: boolean;
  readonly version: boolean;
  readonly faults: readonly Fault[];
}

/** Reads `--flag=value`, `--flag value` and, where a type implies one, `--flag` alone. The last one counts. */
export function readCommandLine(argv: readonly string[], settings: readonly Setting[]): CommandLine {
  const known = new Map<string, { impliedText?: string | undefined }>(
    settings.map(({ flag, type }) => [flag, { impliedText: type.impliedText }]),
  );
  known.set('config', {});
  known.set('help', { impliedText: 'true' });
  known.set('version', { impliedText: 'true' });

  const texts = new Map<string, string>();
  const faults: Fault[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] === '-h' ? '--help' : unquoted(argv[index] ?? '');
    const match = /^--(?<flag>[^=]+)(?:=(?<text>[\s\S]*))?$/.exec(argument);
    if (match?.groups === undefined) {
      faults.push({ where: argument, message: misplaced(argument, known) });
      continue;
    }
    const flag = match.groups['flag'] ?? '';
    const entry = known.get(flag);
    if (entry === undefined) {
      faults.push({ where: `--${flag}`, message: unknownFlag(flag, known.keys()) });
      // What follows is most likely its value, and no fault of its own.
      if (match.groups['text'] === undefined && argv[index + 1]?.startsWith('-') === false) index++;
      continue;
    }
    let text = match.groups['text'] ?? entry.impliedText;
    if (text === undefined) {
      const next = argv[index + 1];
      if (next === undefined || next.startsWith('--')) {
        faults.push({ where: `--${flag}`, message: `needs a value, as in --${flag}=VALUE` });
        continue;
      }
      text = next;
      index++;
    }
    texts.set(flag, text);
  }
  return { texts, help: texts.has('help'), version: texts.has('version'), faults };
}

/** `nest start --no-shell` quotes each argument for a shell that is not there. */
function unquoted(argument: string): string {
  if (!argument.startsWith('"--')) return argument;
  try {
    return String(JSON.parse(argument));
  } catch {
    return argument;
  }
}

function unknownFlag(flag: string, known: Iterable<string>): string {
  const meant = nearest(flag, known);
  return meant === undefined ? 'there is no such flag' : `there is no such flag; did you mean --${meant}?`;
}

function misplaced(argument: string, known: ReadonlyMap<string, unknown>): string {
  const name = argument.replace(/^-+/, '').split('=', 1)[0] ?? '';
  return known.has(name) ? `write two dashes: --${name}` : 'is no flag; flags are written --flag=value';
}
