import type { StoredLogLine, TaskLogs } from '@app/crawl';
import { OrbweaverError } from '@app/errors';
import type { worker as proto } from '@app/proto';
import { timestamp } from '../status/timestamp.js';
import type { LogBells } from '../task-log/log-bells.js';

/** What tasks have said, whoever has written it. */
export class StoredLogs {
  constructor(
    private readonly logs: Pick<TaskLogs, 'read' | 'last'>,
    private readonly isAssigned: (name: string) => boolean,
    private readonly bells: Pick<LogBells, 'hang'>,
    /** Ends what is followed. */
    private readonly ending: AbortSignal,
    /** Others write to a store that is shared, and tell nobody. */
    private readonly lookAgainMs = 250,
  ) {}

  /**
   * The lines after a number, as far as they are kept, and each that comes if that is asked for. Resolves when it is
   * known that there is such a task. A number that is not reached yet is of another log: all of this one is told.
   */
  async read(
    { name, after, tail, follow }: proto.ReadLogRequest,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<proto.LogLines, void, undefined>> {
    if (name === '') throw new OrbweaverError('INVALID_ARGUMENT', 'the name of a task is missing');
    const last = await this.logs.last(name);
    if (last === 0 && !this.isAssigned(name)) throw new OrbweaverError('NOT_FOUND', 'no such task');
    const from = after > last ? 0 : Number(after);
    return this.#lines(name, tail > 0 ? Math.max(from, last - tail) : from, follow, signal);
  }

  async *#lines(
    name: string,
    from: number,
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<proto.LogLines, void, undefined> {
    const { bell, leave } = this.bells.hang(name);
    try {
      let told = from;
      while (!signal.aborted) {
        if (follow && this.ending.aborted) throw new OrbweaverError('UNAVAILABLE', 'this worker is stopping');
        const lines = await this.logs.read(name, told, MAX_LINES);
        for (const some of withinLength(lines)) {
          told = some.at(-1)?.number ?? told;
          yield { lines: some.map(lineMessage) };
        }
        if (lines.length === MAX_LINES) continue;
        if (!follow) return;
        await bell.heard(signal, this.lookAgainMs);
      }
    } finally {
      leave();
    }
  }
}

/** Of one reading, and of one message. */
const MAX_LINES = 500;
const MAX_LENGTH = 1 << 20;

function* withinLength(lines: readonly StoredLogLine[]): Generator<StoredLogLine[]> {
  let some: StoredLogLine[] = [];
  let length = 0;
  for (const line of lines) {
    const size = line.message.length + line.fields.length;
    if (some.length > 0 && length + size > MAX_LENGTH) {
      yield some;
      [some, length] = [[], 0];
    }
    some.push(line);
    length += size;
  }
  if (some.length > 0) yield some;
}

function lineMessage({ number, at, ...line }: StoredLogLine): proto.LogLine {
  return { ...line, number: BigInt(number), at: timestamp(at) };
}
