/** Programs beside Node. Tests and benchmarks that need one skip themselves without it; where Debian's can be had, they need not. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Each with the names that it goes by (one of each list is enough), and Debian's packages. */
const PROGRAMS = {
  etcd: { names: [['etcd'], ['etcdctl']], packages: ['etcd-server', 'etcd-client'] },
  PostgreSQL: { names: [['postgres'], ['initdb']], packages: ['postgresql'] },
  Chromium: {
    names: [['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']],
    packages: ['chromium'],
  },
  nginx: { names: [['nginx']], packages: ['nginx-light'] },
};

/** Quick when they are there. Otherwise by apt, as root; without it, says what will be skipped. */
export function installPrograms(...wanted) {
  const missing = wanted.filter((program) => !isHere(program));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !found('apt-get')) {
    console.log(`Not on this machine: ${missing.join(', ')}. What needs them will be skipped.`);
    return;
  }
  const left = missing.filter((program) => !install(program));
  // Lists that are old, or that a slim image left out.
  if (left.length > 0 && apt('update')) for (const program of left) install(program);
  for (const program of missing) {
    console.log(
      isHere(program)
        ? `${program} is installed.`
        : `${program} could not be had: what needs it will be skipped.`,
    );
  }
}

function install(program) {
  const { packages } = PROGRAMS[program];
  console.log(`${program} is missing: apt-get install ${packages.join(' ')} …`);
  return apt('install', '-y', '--no-install-recommends', ...packages);
}

/** Downloads that hang are given up; services that a package brings are not started (runlevel 1). */
function apt(...args) {
  const { status } = spawnSync(
    'apt-get',
    ['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::Retries=1', ...args],
    {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      timeout: 240_000,
    },
  );
  return status === 0;
}

function isHere(program) {
  return PROGRAMS[program].names.every((names) => names.some(found));
}

/** On the PATH, or where Debian puts what is for no user's PATH. */
function found(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const directories = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return directories.some((directory) => isProgram(join(directory, name)));
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
