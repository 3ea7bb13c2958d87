import { follow } from '../api/follow.js';
import type { LogLine } from '../api/master-api.js';
import { EXIT, Failure } from '../failure.js';
import type { Colours } from '../output/colours.js';
import { remarked } from '../output/connection.js';
import { cell } from '../output/table.js';
import type { Client } from './client.js';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogsOptions {
  follow?: boolean;
  tail?: number;
  /** Milliseconds since 1970. */
  since?: number;
  /** That and worse. */
  level?: Level;
}

/**
 * What a task has said and, if that is asked for, what it says. A line is shown once, whichever masters and workers
 * come and go meanwhile: each is asked for what comes after the last number.
 */
export async function logs(client: Client, name: string, options: LogsOptions): Promise<void> {
  const { since = -Infinity, level = 'debug' } = options;
  const isWanted = (line: LogLine): boolean =>
    LEVELS.indexOf(line.level as Level) >= LEVELS.indexOf(level) && Date.parse(line.at ?? '') >= since;
  // Masters count the last lines of all there are, whatever is wanted of them.
  const isPicky = options.since !== undefined || options.level !== undefined;
  const tail = options.tail ?? Infinity;
  const log = new TaskLog(client, name, isPicky ? 0 : (options.tail ?? 0));
  const last: LogLine[] = [];
  for await (const line of log.lines(false)) {
    if (!isWanted(line)) continue;
    if (!isPicky || tail === Infinity) await show(client, line);
    else if (last.push(line) > tail) last.shift();
  }
  for (const line of last) await show(client, line);
  if (options.follow !== true) return;
  for await (const line of log.lines(true)) {
    if (isWanted(line)) await show(client, line);
  }
  client.output.remark(`${name} is deleted.`);
}

class TaskLog {
  #after = '0';

  constructor(
    private readonly client: Client,
    private readonly name: string,
    private readonly tail: number,
  ) {}

  /** What is kept after the last line that was given; or each that comes, until the task is deleted. */
  async *lines(isFollowing: boolean): AsyncGenerator<LogLine, void, undefined> {
    const { api, output } = this.client;
    const told = follow<{ lines: LogLine[] }>({
      open: (signal) =>
        api.log(
          this.name,
          {
            after: this.#after,
            // Of what comes after a line that was told, nothing is left out.
            tail: this.#after === '0' && !isFollowing && this.tail > 0 ? this.tail : undefined,
            follow: isFollowing || undefined,
          },
          signal,
        ),
      told: remarked(output),
      hasEnd: true,
      isPatient: isFollowing,
    });
    try {
      for await (const { lines } of told) {
        for (const line of lines) {
          this.#after = line.number;
          yield line;
        }
      }
    } catch (error) {
      // It was deleted while nobody told of it.
      const isGone = error instanceof Failure && error.exitCode === EXIT.notFound;
      if (!isFollowing || !isGone) throw error;
    }
  }
}

function show({ output }: Client, line: LogLine): Promise<void> {
  return output.line(readable(line), (colours) => view(line, colours));
}

/** Fields travel as a JSON text in the message; whoever reads JSON wants them as what they are. */
function readable({ fields, ...line }: LogLine): object {
  return fields === '' ? line : { ...line, fields: JSON.parse(fields) as unknown };
}

function view({ at = '', level, message, fields, nodeId }: LogLine, colours: Colours): string {
  const worker = nodeId.slice(nodeId.lastIndexOf('.') + 1);
  const more = fields === '' ? '' : `  ${colours.dim(cell(fieldsText(fields), 500))}`;
  return `${colours.dim(at)}  ${levelText(level, colours)}  ${colours.dim(cell(worker, 30).padEnd(9))}  ${cell(message, 1_000)}${more}`;
}

function levelText(level: string, colours: Colours): string {
  const text = cell(level, 5).padEnd(5);
  if (level === 'error') return colours.red(text);
  if (level === 'warn') return colours.yellow(text);
  return level === 'info' ? colours.green(text) : colours.dim(text);
}

function fieldsText(fields: string): string {
  return Object.entries(JSON.parse(fields) as Record<string, unknown>)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
