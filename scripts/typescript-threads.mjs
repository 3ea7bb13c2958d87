// Tests run from the sources, through jest. A thread that they start is beyond jest: in there, and only there, Node
// itself has to understand TypeScript and the names of our libraries. Given to Node by --import.
import { existsSync, readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const libs = new URL('../libs/', import.meta.url);
const require = modules.createRequire(import.meta.url);

export function resolve(specifier, context, next) {
  const library = /^@app\/([a-z-]+)$/.exec(specifier)?.[1];
  if (library !== undefined) return next(new URL(`${library}/src/index.ts`, libs).href, context);
  if (/^(\.|file:).*\.js$/.test(specifier)) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (!url.pathname.includes('/node_modules/') && existsSync(url)) return next(url.href, context);
  }
  return next(specifier, context);
}

export function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = require('@swc/core').transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}

if (!isMainThread) {
  // Node 20 has hooks in a thread of their own only.
  if (modules.registerHooks) modules.registerHooks({ resolve, load });
  else modules.register(import.meta.url);
}
