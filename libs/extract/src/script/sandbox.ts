import {
  Scope,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { Queries } from '../rule/queries.js';
import { Engines } from './engines.js';
import { PRELUDE } from './prelude.js';
import { RunClock } from './run-clock.js';
import { ScriptHost } from './script-host.js';
import type { ScriptAnswer, ScriptRequest } from './script-request.js';

export type Sandbox = (request: ScriptRequest) => Promise<ScriptAnswer>;

/** Each script runs in a world of its own that ends with it, within its time and its memory. */
export function openSandbox(): Sandbox {
  const engines = new Engines();
  const queries = new Queries();
  return async (request) => {
    const host = new ScriptHost(request.page, queries);
    try {
      const failure = run(await engines.of(request.memoryBytes), request, host) ?? host.failure;
      if (failure === undefined)
        return { isDone: true, items: host.items, follows: host.follows, log: host.log };
      const isMemory = failure.includes('InternalError: out of memory');
      const reason = isMemory ? `it needs more than ${request.memoryBytes / 2 ** 20} MiB` : failure;
      return { isDone: false, reason: `the script failed: ${reason}`, isBroken: false };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { isDone: false, reason: `the script broke its sandbox: ${reason}`, isBroken: true };
    }
  };
}

/** Undefined, or why the script was stopped; of what it throws itself the host hears. */
function run(quickjs: QuickJSWASMModule, request: ScriptRequest, host: ScriptHost): string | undefined {
  const { source, timeoutMs } = request;
  let clock = new RunClock(timeoutMs);
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(STACK_BYTES);
  runtime.setInterruptHandler(() => clock.isLate);
  const context = runtime.newContext();
  const scope = new Scope();
  try {
    const ask = scope.manage(
      context.newFunction('host', (what, given) => {
        if (clock.isLate) throw new RangeError('too late');
        const answer = clock.host(() => host.call(context.getString(what), context.getString(given)));
        return answer === undefined ? context.undefined : context.newString(answer);
      }),
    );
    const valueOf = (result: ReturnType<typeof context.evalCode>): QuickJSHandle => {
      if (result.error === undefined) return scope.manage(result.value);
      throw new Stopped(messageOf(context, scope.manage(result.error)));
    };
    const prelude = valueOf(context.evalCode(PRELUDE, 'prelude'));
    const begin = valueOf(context.callFunction(prelude, context.undefined, ask));
    clock = new RunClock(timeoutMs);
    // On the line of the directive, so that the lines of a fault are those of the source.
    const script = valueOf(context.evalCode(`(function (ctx) {'use strict';${source}\n})`, 'script'));
    valueOf(context.callFunction(begin, context.undefined, script));
    return clock.isLate ? late(timeoutMs) : undefined;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return clock.isLate ? late(timeoutMs) : error.message;
  } finally {
    scope.dispose();
    context.dispose();
    runtime.dispose();
  }
}

/** Of the 5 MiB or so that the sandbox has for itself. */
const STACK_BYTES = 256 * 1024;

class Stopped extends Error {}

function late(timeoutMs: number): string {
  return `it ran longer than ${timeoutMs} ms`;
}

/** Asking a value of the script's what it is may run more of the script: within the same bounds. */
function messageOf(context: QuickJSContext, error: QuickJSHandle): string {
  return ['name', 'message']
    .map((name) => context.getProp(error, name).consume((part) => context.getString(part)))
    .join(': ');
}
