import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Where a log line was written, as `dir/file.ts:117`. Reading one structured frame costs about a
 * microsecond; rendering a stack as text would cost ten times that. The position is that of the source
 * file while source maps are on (`--enable-source-maps`), else that of the compiled file.
 */
export function callerOf(logFunction: (...args: never[]) => unknown): string {
  const frame = topFrame(logFunction, 1)[0];
  return frame === undefined ? 'unknown' : position(frame);
}

/** The nearest caller whose file is not one of those that `skip` matches: for loggers behind an adapter. */
export function callerOutside(logFunction: (...args: never[]) => unknown, skip: RegExp): string {
  const frames = topFrame(logFunction, 12);
  const frame = frames.find((site) => !skip.test(site.getFileName() ?? 'native')) ?? frames[0];
  return frame === undefined ? 'unknown' : position(frame);
}

const holder: { stack?: NodeJS.CallSite[] } = {};
const keepFrames = (_: unknown, frames: NodeJS.CallSite[]): NodeJS.CallSite[] => frames;

function topFrame(above: (...args: never[]) => unknown, depth: number): NodeJS.CallSite[] {
  // oxlint-disable-next-line typescript/unbound-method -- kept only to be put back
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = keepFrames;
  Error.stackTraceLimit = depth;
  try {
    Error.captureStackTrace(holder, above);
    return holder.stack ?? [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Positions are as many as there are log statements, so the cache is bounded by the program's text. */
const positions = new Map<string, Map<number, string>>();

function position(frame: NodeJS.CallSite): string {
  const file = frame.getFileName() ?? 'unknown';
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  let known = positions.get(file);
  if (known === undefined) {
    positions.set(file, (known = new Map()));
  }
  const place = line * 4096 + column;
  let text = known.get(place);
  if (text === undefined) {
    known.set(place, (text = sourcePosition(file, line, column)));
  }
  return text;
}

function sourcePosition(file: string, line: number, column: number): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const origin = findSourceMap(path)?.findEntry(line - 1, column - 1);
  return origin !== undefined && 'originalSource' in origin && origin.originalSource
    ? `${lastTwo(origin.originalSource)}:${origin.originalLine + 1}`
    : `${lastTwo(path)}:${line}`;
}

function lastTwo(path: string): string {
  return path.split('/').slice(-2).join('/');
}
