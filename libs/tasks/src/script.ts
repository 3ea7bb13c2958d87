import { compileFunction } from 'node:vm';

/** What is wrong with JavaScript that is to be the body of a function of `ctx`. It is compiled here, never run. */
export function scriptFault(source: string): string | undefined {
  if (source.trim() === '') return 'expected JavaScript';
  try {
    // On one line with the directive, so that the lines of a fault are those of the source.
    compileFunction(`'use strict';${source}`, ['ctx'], { filename: 'script' });
    return undefined;
  } catch (error) {
    const { message, stack = '' } = error as SyntaxError;
    const line = /^script:(\d+)/.exec(stack)?.[1];
    return `not JavaScript: ${message}${line === undefined ? '' : `, in line ${line}`}`;
  }
}
