import { pino, symbols, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { callerOf, callerOutside } from './caller.js';
import { jsonText } from './json-text.js';
import { logTime } from './log-time.js';
import { StandardOutput } from './standard-output.js';
import { traceFields, tracesAreOn } from './traces/traces.js';

/**
 * A pino logger whose lines have the shape of zap's production encoder: `level`, `ts`, `logger`, `caller`,
 * `msg`, then the fields in the order given. Fields come first in a call: `logger.info({ id }, 'ready')`. In a span
 * of a trace that is recorded, `trace_id` and `span_id` stand at the end.
 */
export type Logger = PinoLogger;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

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
    options.destination ?? new StandardOutput(),
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

/**
 * The same logger for one statement on a hot path: its `caller` is found the first time and kept, which
 * saves most of what a line costs.
 */
export function pinnedLogger(parent: Logger): Logger {
  return Object.assign(parent.child({}), { [pinnedSym]: '' });
}

const nameSym = Symbol('orbweaver.logger');
const skipSym = Symbol('orbweaver.skip');
const pinnedSym = Symbol('orbweaver.pinned');

type Line = Logger & {
  [nameSym]: string;
  [skipSym]?: RegExp;
  [pinnedSym]?: string;
  [symbols.chindingsSym]: string;
};

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
  let text =
    `{"level":"${label}","ts":"${logTime(Date.now())}","logger":${JSON.stringify(this[nameSym])}` +
    `,"caller":${JSON.stringify(callerFor(this, this[method]))},"msg":${JSON.stringify(msg ?? '')}${this[symbols.chindingsSym]}`;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value !== undefined && typeof value !== 'function') {
      text += `,${JSON.stringify(key)}:${jsonText(value)}`;
    }
  }
  return tracesAreOn() ? `${text}${traceFields()}}\n` : `${text}}\n`;
}

function callerFor(logger: Line, logFunction: Logger['info']): string {
  const skip = logger[skipSym];
  if (skip !== undefined) {
    return callerOutside(logFunction, skip);
  }
  const pinned = logger[pinnedSym];
  if (pinned === undefined) {
    return callerOf(logFunction);
  }
  return pinned === '' ? (logger[pinnedSym] = callerOf(logFunction)) : pinned;
}
