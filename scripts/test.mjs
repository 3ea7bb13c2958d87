/** `npm test`: everything that is needed, then every suite. Arguments go to jest: `npm test -- libs/config`. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { installPrograms } from './machine-programs.mjs';
import { prepare, root } from './prepare.mjs';

prepare();
installPrograms('etcd', 'PostgreSQL', 'Chromium');

const given = process.argv.slice(2);
const workers = given.some((argument) => /^(?:-w|-i|--maxWorkers|--runInBand)/.test(argument))
  ? []
  : [`--maxWorkers=${Math.max(1, Math.min(4, availableParallelism()))}`];
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    `--import=${new URL('typescript-threads.mjs', import.meta.url).href}`,
    join(root, 'node_modules/jest/bin/jest.js'),
    ...workers,
    ...given,
  ],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
