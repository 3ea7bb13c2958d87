import { pino, symbols, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { callerOf, callerOutside } from './caller.js';
import { jsonText } from './json-text.js';
import { logTime } from './log-time.js';

/**
 * A pino logger whose lines have the shape of zap's production encoder: `level`, `ts`, `logger`, `caller`,
 * `msg`, then the fields in the order given. Fields come first in a call: `logger.info({ id }, 'ready')`.
 */
export type Logger = PinoLogger;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** First part of every line's `logger`. */
  name: string;
  level?: LogLevel;
  /** Where lines go; standard output, written asynchronously and flushed on exit, when absent. */
  destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  const logger = pino(
    { level: options.level ?? 'info', base: null, timestamp: () => '' },
    options.destination ?? standardOutput(),
  );
  return Object.assign(logger, { [symbols.asJsonSym]: line, [nameSym]: options.name });
}

/** The same logger one level down: `master` becomes `master.election`. */
export function namedLogger(parent: Logger, name: string): Logger {
  return Object.assign(parent.child({}), { [nameSym]: `${(parent as Line)[nameSym]}.${name}` });
}

/** The same logger for an adapter: `caller` is the nearest frame outside the files that `skip` matches. */
export function adaptedLogger(parent: Logger, skip: RegExp): Logger {
  return Object.assign(parent.child({}), { [skipSym]: skip });
}

const nameSym = Symbol('orbweaver.logger');
const skipSym = Symbol('orbweaver.skip');

/** What waits for a slow reader of our output is bounded; lines beyond it are dropped rather than memory. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, maxLength: MAX_PENDING_BYTES });
}

type Line = Logger & { [nameSym]: string; [skipSym]?: RegExp; [symbols.chindingsSym]: string };

const LABELS: Record<number, readonly [label: string, method: LogLevel | 'trace']> = {
  10: ['DEBUG', 'trace'],
  20: ['DEBUG', 'debug'],
  30: ['INFO', 'info'],
  40: ['WARN', 'warn'],
  50: ['ERROR', 'error'],
  60: ['FATAL', 'fatal'],
};

/** Stands in for pino's own encoder, whose order of keys is fixed and which has no bigint. */
function line(this: Line, fields: Record<string, unknown>, msg: string | undefined, level: number): string {
  const [label, method] = LABELS[level] ?? ['INFO', 'info'];
  const skip = this[skipSym];
  const caller = skip === undefined ? callerOf(this[method]) : callerOutside(this[method], skip);
  let text =
    `{"level":"${label}","ts":"${logTime(Date.now())}","logger":${JSON.stringify(this[nameSym])}` +
    `,"caller":${JSON.stringify(caller)},"msg":${JSON.stringify(msg ?? '')}${this[symbols.chindingsSym]}`;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value !== undefined && typeof value !== 'function') {
      text += `,${JSON.stringify(key)}:${jsonText(value)}`;
    }
  }
  return `${text}}\n`;
}
