/** `npm test`: everything that is needed, then every suite. Arguments go to jest: `npm test -- libs/config`. */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
installEtcd();

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

/** The suites that need a real etcd skip themselves without one; where Debian's can be had, they need not. */
function installEtcd() {
  if (found('etcd') && found('etcdctl')) return;
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.log('No etcd on the PATH: tests that need a real one will be skipped.');
    return;
  }
  console.log('No etcd on the PATH: installing etcd-server and etcd-client by apt …');
  const options = {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 180_000,
  };
  const packages = ['install', '-y', '--no-install-recommends', 'etcd-server', 'etcd-client'];
  const installed =
    spawnSync('apt-get', packages, options).status === 0 ||
    (spawnSync('apt-get', ['update'], options).status === 0 &&
      spawnSync('apt-get', packages, options).status === 0);
  console.log(installed ? 'Installed.' : 'That did not work: tests that need a real etcd will be skipped.');
}

function found(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}
