import { OrbweaverError } from '@app/errors';

/** What people and its schedule want of a resource, beside its spec. */
export interface Control {
  readonly paused: boolean;
  /** From 1; one more with each restart and each firing of its schedule. */
  readonly run: number;
  /** How often failed pages were asked for again. */
  readonly retry: number;
  /** How often the resource was started over from nothing; the run is 1 again then. */
  readonly generation: number;
}

export type ControlRequest =
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | {
      readonly kind: 'restart' | 'startOver' | 'retry';
      /** As the caller has seen it: what makes a repeat of the request harmless. */
      readonly expected?: Control | undefined;
    };

const FIRST: Control = { paused: false, run: 1, retry: 0, generation: 0 };

/**
 * What is to be after the request; undefined when nothing has to change. CONFLICT when the resource is neither
 * as the caller expects nor as this very request would have left it.
 */
export function controlAfter(present: Control, request: ControlRequest): Control | undefined {
  if (request.kind === 'pause') return present.paused ? undefined : { ...present, paused: true };
  if (request.kind === 'resume') return present.paused ? { ...present, paused: false } : undefined;

  const { kind, expected } = request;
  if (expected === undefined || sameRun(present, expected)) return begun(present, kind);
  if (sameRun(present, begun(expected, kind))) return undefined;
  throw new OrbweaverError('CONFLICT', `it has been changed meanwhile: ${described(present)}`);
}

/**
 * The control that stands beside the record of this id. What is missing, or is of an earlier resource of the same
 * name that a foreign program deleted, says nothing: the resource is as it was when it was added.
 */
export function decodeControl(text: string | undefined, resourceId: string): Control {
  const stored = text === undefined ? undefined : parse(text);
  if (stored === undefined || stored.id !== resourceId) return FIRST;
  const { paused, run, retry, generation } = stored;
  const isControl =
    typeof paused === 'boolean' && isCount(run, 1) && isCount(retry, 0) && isCount(generation, 0);
  return isControl ? { paused, run, retry, generation } : FIRST;
}

export function encodeControl({ paused, run, retry, generation }: Control, resourceId: string): string {
  return JSON.stringify({ id: resourceId, paused, run, retry, generation });
}

function begun(from: Control, kind: 'restart' | 'startOver' | 'retry'): Control {
  if (kind === 'restart') return { ...from, run: from.run + 1 };
  if (kind === 'retry') return { ...from, retry: from.retry + 1 };
  return { ...from, run: 1, generation: from.generation + 1 };
}

function sameRun(a: Control, b: Control): boolean {
  return a.run === b.run && a.retry === b.retry && a.generation === b.generation;
}

function described({ run, retry, generation }: Control): string {
  return `run ${run}, retry ${retry}, generation ${generation}`;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
