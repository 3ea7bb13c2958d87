import type { LogLimits, LogLine, StoredLogLine, TaskLogs } from '../task-logs.js';

export class MemoryTaskLogs implements TaskLogs {
  readonly #logs = new Map<string, Log>();

  constructor(
    private readonly limits: LogLimits,
    private readonly now: () => number,
  ) {}

  async append(resource: string, lines: readonly LogLine[]): Promise<void> {
    this.write(resource, lines);
  }

  async read(resource: string, after: number, limit: number): Promise<StoredLogLine[]> {
    const lines = this.#logs.get(resource)?.lines ?? [];
    return lines
      .filter(({ number }) => number > after)
      .slice(0, limit)
      .map((line) => {
        const { id: _, ...stored } = line;
        return stored;
      });
  }

  async last(resource: string): Promise<number> {
    return this.#logs.get(resource)?.last ?? 0;
  }

  /** At once: nobody looks between it and what else belongs to the transaction. */
  write(resource: string, lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    const log = this.#logs.get(resource) ?? { lines: [], last: 0 };
    this.#logs.set(resource, log);
    for (const line of lines) {
      if (!log.lines.some(({ id }) => id === line.id)) log.lines.push({ ...line, number: ++log.last });
    }
    while (this.#isTooMuch(log.lines)) log.lines.shift();
  }

  #isTooMuch(lines: readonly Line[]): boolean {
    const [oldest] = lines;
    if (oldest === undefined) return false;
    if (oldest.at < this.now() - this.limits.ageMs || lines.length > this.limits.lines) return true;
    const bytes = lines.reduce((sum, line) => sum + bytesOf(line.message) + bytesOf(line.fields), 0);
    return lines.length > 1 && bytes > this.limits.bytes;
  }
}

type Line = LogLine & { number: number };

interface Log {
  lines: Line[];
  last: number;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
