import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

it('the console knows the API as the masters serve it (npm run docs writes it)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/api-types.mjs']);
  expect(await readFile('apps/console/src/api/schema.ts', 'utf8')).toBe(stdout);
});
