import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDir } from './data-dir.js';

describe('the data directory of a cluster', () => {
  let path: string;
  beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'orbweaver-data-'))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it('is refused while the cluster that has it runs', () => {
    writeFileSync(join(path, 'cluster.pid'), String(process.ppid));
    expect(() => DataDir.open(path)).toThrow(`belongs to a cluster that runs (process ${process.ppid})`);
  });

  it.each([
    ['a process that is gone', '999999999'],
    ['nothing readable', 'x'],
  ])('is taken over from %s', (_, owner) => {
    writeFileSync(join(path, 'cluster.pid'), owner);
    const directory = DataDir.open(path);
    expect(readFileSync(join(path, 'cluster.pid'), 'utf8')).toBe(String(process.pid));
    directory.close();
    expect(existsSync(join(path, 'cluster.pid'))).toBe(false);
  });

  it('is emptied of what a cluster wrote, and of nothing else, when it is to be fresh', () => {
    for (const file of ['store/member', 'log/etcd.log', 'mine.txt']) {
      DataDir.open(join(path, file, '..'));
      writeFileSync(join(path, file), '');
    }
    DataDir.open(path, { fresh: true });
    expect(['store/member', 'log/etcd.log', 'mine.txt'].map((file) => existsSync(join(path, file)))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
