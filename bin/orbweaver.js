#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const entry = new URL('../dist/apps/cli/src/main.js', import.meta.url);
if (!existsSync(entry)) {
  console.error('orbweaver is not built yet. Build it with: npm install && npm run build');
  process.exit(1);
}
// Where Node can keep compiled code (22.1 and later), later starts are faster.
module.enableCompileCache?.();
await import(entry.href);
