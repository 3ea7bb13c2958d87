import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { logTime } from './log-time.js';

test.each([
  ['Asia/Shanghai', '2022-12-12T16:55:42.798+0800'],
  ['America/St_Johns', '2022-12-12T05:25:42.798-0330'],
  ['UTC', '2022-12-12T08:55:42.798+0000'],
])('in %s the time is written in the local zone', (zone, expected) => {
  const source = readFileSync(fileURLToPath(new URL('./log-time.ts', import.meta.url)), 'utf8');
  const { code } = transformSync(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
  const script = `${code}\nprocess.stdout.write(logTime(1670835342798));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: zone },
  });
  expect(output.toString()).toBe(expected);
});

test('within a second only the milliseconds change, and across seconds all of it', () => {
  const [a, b, c] = [1_000, 1_007, 61_070].map(logTime);
  expect(a?.slice(0, 19)).toBe(b?.slice(0, 19));
  expect(b?.slice(19, 23)).toBe('.007');
  expect(c?.slice(17, 23)).toBe('01.070');
});
