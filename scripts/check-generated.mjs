// npm run generated: what is generated from the .proto files has to be what is committed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const fresh = mkdtempSync(join(tmpdir(), 'orbweaver-proto-'));
try {
  const buf = (...argv) =>
    execFileSync('node_modules/.bin/buf', argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  buf('generate', '--output', fresh);
  const descriptors = 'libs/proto/src/descriptors.binpb';
  buf('build', '--as-file-descriptor-set', '-o', join(fresh, descriptors));
  const generated = filesBelow(join(fresh, 'libs/proto/src'));
  const committed = filesBelow('libs/proto/src').filter(
    (file) => file.startsWith('gen/') || file.endsWith('.binpb'),
  );
  const stale = [...new Set([...generated, ...committed])].filter(
    (file) => contentOf(join(fresh, 'libs/proto/src', file)) !== contentOf(join('libs/proto/src', file)),
  );
  if (stale.length > 0) {
    console.error(`stale in libs/proto/src, run npm run proto: ${stale.join(', ')}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1));
}

function contentOf(file) {
  try {
    return readFileSync(file, 'base64');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
