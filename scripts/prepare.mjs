/**
 * Brings a clone up to date before something is run from it: installs what is missing and builds what is stale.
 * Plain Node, since nothing is installed yet. What is done already is recognised by a hash of what it was done from.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

const INSTALLED = join(root, 'node_modules', '.orbweaver-installed');
const BUILT = join(root, 'dist', '.orbweaver-built');
const MANIFESTS = ['package.json', 'package-lock.json'];
const SUPPORTED = [
  [20, 19],
  [22, 12],
  [24, 9],
];

/** Ends the process, saying why, when one of the steps fails. */
export function prepare() {
  refuseOldNode();
  install();
  build();
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const newest = SUPPORTED.at(-1);
  const fits = major > newest[0] || SUPPORTED.some(([line, from]) => major === line && minor >= from);
  if (fits) return;
  console.error(`Orbweaver needs Node 20.19, 22.12 or 24.9 and later; this is ${process.versions.node}.`);
  process.exit(1);
}

/** `npm ci` would refuse a lock file without the optional packages of other systems; `npm install` does not. */
function install() {
  // npm writes this file at the end of each installation.
  const installedAt = modifiedAt('node_modules/.package-lock.json');
  if (installedAt > Math.max(modifiedAt('package.json'), modifiedAt('package-lock.json'))) return;
  if (read(INSTALLED) === hashOf(MANIFESTS) && installedAt > 0) return;
  run('Installing what is missing', 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  // After it, since npm may write the lock file anew.
  writeFileSync(INSTALLED, hashOf(MANIFESTS));
}

function build() {
  const wanted = hashOf(sources());
  if (read(BUILT) === wanted && existsSync(join(root, 'dist/apps/cli/src/main.js'))) return;
  run('Building', 'npm', ['run', '--silent', 'build']);
  writeFileSync(BUILT, wanted);
}

/** What the build reads: the programs' sources and its own configuration. */
function sources() {
  const files = ['apps', 'libs'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /(?<!\.spec)\.(?:ts|tsx|css|html)$|\.binpb$|\.json$/.test(entry.name),
      )
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length)),
  );
  return [...files.sort((a, b) => (a < b ? -1 : 1)), 'package-lock.json', 'nest-cli.json', 'tsconfig.json'];
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function modifiedAt(file) {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function run(title, command, args) {
  const startedAt = performance.now();
  console.log(`${title} …`);
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: false });
  if (status === 0) {
    console.log(`${title}: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
    return;
  }
  if (signal === null) console.error(`${title} failed: ${error?.message ?? `${command} ${args.join(' ')}`}`);
  process.exit(status ?? 1);
}
