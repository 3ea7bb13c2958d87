import type { Timer } from '../../politeness/timer.js';
import type { LogLine } from '../../store/task-logs.js';
import { Bursts } from './bursts.js';

export type LineLevel = LogLine['level'];

/** What a line of a task's log says. */
export interface Said {
  level: LineLevel;
  message: string;
  fields?: Readonly<Record<string, string | number | undefined>>;
  traceId?: string;
}

/** Who writes lines in this process. */
export interface LineWriter {
  /** What is less than that is not written. */
  level: LineLevel;
  nodeId: string;
  /** Never gives the same twice, not even after a restart. */
  nextId: () => string;
}

export interface RunLogParts {
  writer: LineWriter;
  timer: Timer;
  epoch: bigint;
  /** Of lines that belong to no trace of their own. */
  traceId: () => string;
  /** Takes a line for the store; false when there is no room. */
  keep: (line: LogLine) => boolean;
}

/** The lines that one run writes into its task's log: they are made here, kept and stored with what came of its pages. */
export class RunLog {
  readonly #ofHosts: Bursts<Said>;
  readonly #ofKinds: Bursts<Said>;
  readonly #least: number;
  #leftOutCount = 0;

  constructor(private readonly parts: RunLogParts) {
    this.#least = LEVELS.indexOf(parts.writer.level);
    const tell = (last: Said, count: number): void => this.write(counted(last, count));
    this.#ofHosts = new Bursts(parts.timer, tell);
    this.#ofKinds = new Bursts(parts.timer, tell);
  }

  isOn(level: LineLevel): boolean {
    return LEVELS.indexOf(level) >= this.#least;
  }

  write(said: Said): void {
    if (!this.isOn(said.level)) return;
    if (this.#leftOutCount > 0 && this.#keep(leftOut(this.#leftOutCount))) this.#leftOutCount = 0;
    if (!this.#keep(said)) this.#leftOutCount++;
  }

  /** One of which there may be many, at this host and altogether. */
  writeOften(kind: string, host: string, said: Said, most = MOST_OF_HOST): void {
    if (this.#admits(kind, host, said, most)) this.write(said);
  }

  /** As `writeOften`, for who keeps the line. Undefined: there is none to keep. */
  lineOften(kind: string, host: string, said: Said, most = MOST_OF_HOST): LogLine | undefined {
    return this.#admits(kind, host, said, most) ? this.line(said) : undefined;
  }

  /** Undefined where it is less than what is written. */
  line({ level, message, fields, traceId }: Said): LogLine | undefined {
    if (!this.isOn(level)) return undefined;
    const { writer, epoch } = this.parts;
    return {
      id: writer.nextId(),
      at: Date.now(),
      level,
      // Not every store takes a NUL.
      message: message.replaceAll('\0', '').slice(0, MAX_MESSAGE),
      fields: fields === undefined ? '' : JSON.stringify(fields, clipped),
      nodeId: writer.nodeId,
      epoch,
      traceId: traceId || this.parts.traceId(),
    };
  }

  /** Nothing is held back any more. */
  flush(): void {
    this.#ofHosts.flush();
    this.#ofKinds.flush();
  }

  #admits(kind: string, host: string, said: Said, most: number): boolean {
    if (!this.isOn(said.level)) return false;
    if (!this.#ofHosts.admits(`${kind} ${host}`, most, said)) return false;
    return this.#ofKinds.admits(kind, MOST_OF_KIND, said);
  }

  #keep(said: Said): boolean {
    const line = this.line(said);
    return line === undefined || this.parts.keep(line);
  }
}

function counted(said: Said, count: number): Said {
  if (count === 1) return said;
  const message = `${count.toLocaleString('en')} more like this: ${said.message}`;
  return { ...said, message, fields: { ...said.fields, count } };
}

function leftOut(count: number): Said {
  const message = `${count.toLocaleString('en')} lines were left out: the store took none for too long`;
  return { level: 'warn', message, fields: { count } };
}

function clipped(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '').slice(0, MAX_MESSAGE) : value;
}

const LEVELS: readonly LineLevel[] = ['debug', 'info', 'warn', 'error'];
const MAX_MESSAGE = 2_000;
/** In ten seconds. */
const MOST_OF_HOST = 10;
const MOST_OF_KIND = 200;
