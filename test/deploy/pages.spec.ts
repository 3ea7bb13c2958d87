import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentName } from '@app/config';
import { masterSettings } from '../../apps/master/src/settings.js';
import { workerSettings } from '../../apps/worker/src/settings.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const settings = [masterSettings, workerSettings].flatMap((schema) => Object.values(schema.settings));

/** Flags of etcd, etcdctl, etcdutl, kubectl, docker and node. */
const FOREIGN = [
  '--auto-compaction-mode --auto-compaction-retention --quota-backend-bytes --snapshot-count',
  '--max-request-bytes --max-txn-ops --bump-revision --mark-compacted --prefix --keys-only',
  '--build --wait --volumes --enable-source-maps --max-semi-space-size',
].flatMap((flags) => flags.split(' '));

describe.each(['docs/operations.md', 'docs/migration-from-go.md', 'deploy/README.md'])('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  it('names only flags and variables that the programs take', () => {
    const known = ['config', 'help', ...settings.map(({ flag }) => flag)].map((flag) => `--${flag}`);
    const named = text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    expect(named.filter((flag) => !known.includes(flag) && !FOREIGN.includes(flag))).toEqual([]);
    const variables = text.match(/\bORBWEAVER_\w+/g) ?? [];
    expect(variables.filter((name) => !settings.map(environmentName).includes(name))).toEqual([]);
  });

  it('names the defaults that the programs have', () => {
    const rows = [...text.matchAll(/^\| `--([a-z-]+)` +\| (\d+) (ms|s) +\|/gm)];
    for (const [, flag, amount, unit] of rows) {
      const setting = settings.find((candidate) => candidate.flag === flag);
      expect([flag, setting?.default]).toEqual([flag, `${amount}${unit}`]);
    }
    expect(rows.length > 0).toBe(page === 'docs/operations.md');
  });

  it('names only metrics that are there', () => {
    const sources = ['apps', 'libs'].flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.spec)\.ts$/.test(file))
        .map((file) => readFileSync(join(root, directory, file), 'utf8')),
    );
    const measured = new Set(sources.join('\n').match(/\borbweaver_[a-z_]+/g));
    const named = (text.match(/\borbweaver_[a-z_]+/g) ?? []).map((name) =>
      name.replace(/_(?:bucket|count|sum)$/, ''),
    );
    expect(named.filter((name) => !measured.has(name))).toEqual([]);
  });
});
