import { nearest } from '@app/config';
import { isOrbweaverError } from '@app/errors';
import { z } from 'zod';

/** An object without other keys; each unknown one is answered with what may have been meant. */
export function closedObject<Shape extends z.core.$ZodLooseShape>(shape: Shape, expected: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join(BETWEEN)
        : expected,
  });
}

/** zod tells all unknown keys of an object in one message. */
const BETWEEN = '\n';

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return `unknown key, ${meant === undefined ? `known are ${known.join(', ')}` : `is "${meant}" meant?`}`;
}

/** A text that `parse` reads; what it throws as INVALID_ARGUMENT is the fault, as is `expected` for no text. */
export function textFor<Value>(expected: string, parse: (text: string) => Value) {
  return z.string({ error: expected }).transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!isOrbweaverError(error, 'INVALID_ARGUMENT')) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: text });
      return z.NEVER;
    }
  });
}

/** A text that is kept as it is, if `check` finds no fault in it. */
export function checkedText(expected: string, check: (text: string) => string | undefined) {
  return z.string({ error: expected }).superRefine((text, context) => {
    const message = check(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** What `action` throws as INVALID_ARGUMENT. */
export function faultOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (isOrbweaverError(error, 'INVALID_ARGUMENT')) return error.message;
    throw error;
  }
}

/** One, or a list of them. */
export function oneOrMany<Type extends z.ZodType>(one: Type, expected: string, max: number) {
  return z
    .union([one, z.array(one, { error: expected }).max(max, { error: `expected at most ${max}` })], {
      error: expected,
    })
    .transform((value): z.output<Type>[] => (Array.isArray(value) ? value : [value as z.output<Type>]));
}

export interface Fault {
  path: readonly PropertyKey[];
  message: string;
}

export function faultsOf({ issues }: { issues: readonly z.core.$ZodIssue[] }): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split(BETWEEN);
      return issue.keys.map((key, index) => ({ path: [...issue.path, key], message: messages[index] ?? '' }));
    }
    if (issue.code === 'invalid_union') return faultsOfUnion(issue);
    if (issue.code === 'invalid_key')
      return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }];
    return [{ path: issue.path, message: issue.message }];
  });
}

/** Of the forms that a value may have, the one that was begun tells what is wrong; the union, if none was. */
function faultsOfUnion(issue: z.core.$ZodIssueInvalidUnion): Fault[] {
  const begun = issue.errors.find(isBegun);
  if (begun === undefined) return [{ path: issue.path, message: issue.message }];
  return faultsOf({ issues: begun }).map(({ path, message }) => ({
    path: [...issue.path, ...path],
    message,
  }));
}

function isBegun(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every((issue) => {
    if (issue.path.length > 0) return true;
    if (issue.code === 'invalid_union') return issue.errors.some(isBegun);
    return issue.code !== 'invalid_type' && issue.code !== 'invalid_value';
  });
}

export function renderFault({ path, message }: Fault): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? message : `${text.replace(/^\./, '')}: ${message}`;
}
