import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '@app/config';
import { LOG_LIMITS } from '@app/crawl';
import { logLimits, workerSettings } from './settings.js';

function load(...argv: string[]) {
  const loaded = loadSettings(workerSettings, { argv, env: {} });
  if (loaded.kind === 'settings') return loaded.values;
  throw new Error(
    loaded.kind === 'faults' ? loaded.faults.map(({ message }) => message).join('\n') : loaded.kind,
  );
}

describe('the settings of a worker', () => {
  it('have defaults for all but the id', () => {
    expect(load('--id=1')).toMatchObject({
      cluster: true,
      maxRunning: 64,
      dataDir: '.orbweaver/crawl',
      allowPrivate: false,
    });
    expect(() => load()).toThrow('--id is required');
  });

  it('limit the logs of tasks as the stores do, or as they say', () => {
    expect(logLimits(load('--id=1'))).toEqual(LOG_LIMITS);
    const limits = ['--task-log-lines=500', '--task-log-size=1MiB', '--task-log-age=1h'];
    expect(logLimits(load('--id=1', ...limits))).toEqual({ lines: 500, bytes: 1 << 20, ageMs: 3_600_000 });
    expect(() => load('--id=1', '--task-log-size=1')).toThrow('a size such as');
  });

  it('need no id where there is no cluster', () => {
    expect(load('--cluster=false').cluster).toBe(false);
  });

  it.each([
    'sqlite:x.db',
    'sqlite:/var/x.db',
    'sqlite:///var/x.db',
    'postgres://me:secret@db/x',
    'postgresql://db:5432/x?sslmode=require',
  ])('take the store %s', (store) => {
    expect(load('--id=1', `--store=${store}`).store).toBe(store);
  });

  it.each(['mysql://me:secret@db/x', 'x.db', 'sqlite:', 'sqlite://host/x.db'])(
    'refuse the store %s and do not show it',
    (store) => {
      expect(() => load('--id=1', `--store=${store}`)).toThrow(/^expected sqlite:PATH.*not shown/);
    },
  );

  const secret = `whsec_${Buffer.alloc(24).toString('base64')}`;
  it.each([[secret], [`${secret},${secret}`]])('take the secret of webhooks %s', (text) => {
    expect(load('--id=1', `--webhook-secret=${text}`).webhookSecret).toBe(text);
  });

  it.each([['whsec_'], ['whsec_dG9vIHNob3J0'], ['plain'], [`${secret},plain`]])(
    'refuse the secret of webhooks %s and do not show it',
    (text) => {
      expect(() => load('--id=1', `--webhook-secret=${text}`)).toThrow(/^expected whsec_ and.*not shown/);
    },
  );

  describe('in a file', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'orbweaver-settings-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    function loadFile(toml: string, ...argv: string[]) {
      const file = join(directory, 'worker.toml');
      writeFileSync(file, toml);
      return load('--id=1', `--config=${file}`, ...argv);
    }

    it('name a directory of tasks, or the tasks themselves; a flag counts more', () => {
      expect(loadFile('tasks = "dir"').tasks).toEqual({ directory: 'dir' });
      const tables = '[[tasks]]\nname = "a"\nseeds = ["http://x.test"]\n[[tasks]]\nname = "b"';
      expect(loadFile(tables).tasks).toEqual({
        list: [{ name: 'a', seeds: ['http://x.test'] }, { name: 'b' }],
      });
      expect(loadFile(tables, '--tasks=dir').tasks).toEqual({ directory: 'dir' });
    });

    it.each([
      ['[[tasks]]\nseeds = []', 'task 1 has no name'],
      ['[[tasks]]\nname = "a/b"', 'holds no "/"'],
      ['[[tasks]]\nname = "a"\n[[tasks]]\nname = "a"', 'two tasks are named "a"'],
      ['tasks = 5', 'expected the path of a directory'],
    ])('%j is wrong: %s', (toml, message) => {
      expect(() => loadFile(toml)).toThrow(message);
    });
  });
});
