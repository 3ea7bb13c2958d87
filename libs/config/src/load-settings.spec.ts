import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderFaults } from './faults.js';
import { renderHelp } from './help.js';
import { type Loaded, loadSettings } from './load-settings.js';
import { renderReference } from './reference.js';
import { type SettingMap, type SettingsOf, defineSettings } from './settings.js';
import {
  addressSettings,
  checkIdentity,
  checkShared,
  etcdSettings,
  identitySettings,
  logSettings,
  registrySettings,
} from './shared-settings.js';
import { boolean, integer, table } from './types.js';

const schema = defineSettings({
  program: 'worker',
  summary: 'Crawls what it is assigned.',
  settings: {
    ...identitySettings,
    ...addressSettings({ http: '127.0.0.1:8080', grpc: '127.0.0.1:9090' }),
    ...etcdSettings,
    ...registrySettings,
    ...logSettings,
    cluster: { flag: 'cluster', type: boolean(), default: 'true', description: 'Take part in a cluster' },
    limit: { flag: 'limit', type: integer({ min: 1, max: 10 }), description: 'How many' },
    tasks: {
      flag: 'tasks',
      type: table('a list of tables', (value) => {
        if (!Array.isArray(value)) throw new Error('expected [[tasks]]');
        return value.length;
      }),
      description: 'Tasks',
    },
  },
  check: (values) => [...checkShared(values), ...checkIdentity(values)],
});

describe('the settings of a program', () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'orbweaver-config-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function toml(text: string): string {
    const file = join(directory, 'orbweaver.toml');
    writeFileSync(file, text);
    return file;
  }

  const load = (argv: string[], env: Record<string, string> = {}) => loadSettings(schema, { argv, env });

  it('have the types of their schema', () => {
    const values: SettingsOf<typeof schema> = settingsOf(load(['--id=1']));
    const registerTtlMs: number = values.registerTtlMs;
    const level: 'debug' | 'info' | 'warn' | 'error' = values.logLevel;
    const limit: number | undefined = values.limit;
    expect([registerTtlMs, level, limit, values.http]).toEqual([
      60_000,
      'info',
      undefined,
      { host: '127.0.0.1', port: 8080, text: '127.0.0.1:8080' },
    ]);
  });

  it('come from flags before the environment, from there before the file, from there before the defaults', () => {
    const file = toml('register-ttl = "40s"\nlog-level = "error"\nhttp = ":1"\nid = "file"');
    const values = settingsOf(
      load(['--http=:3', `--config=${file}`], { ORBWEAVER_HTTP: ':2', ORBWEAVER_LOG_LEVEL: 'debug' }),
    );
    expect(values.http.port).toBe(3);
    expect(values.logLevel).toBe('debug');
    expect(values.registerTtlMs).toBe(40_000);
    expect(values.registerIntervalMs).toBe(15_000);
  });

  it('may be written with or without an equals sign, and the last one counts', () => {
    expect(settingsOf(load(['--id', '1', '--limit=2', '--limit', '3'])).limit).toBe(3);
  });

  it('may come quoted, as `nest start --no-shell` passes them on', () => {
    expect(settingsOf(load(['"--id=1"', '"--limit=2"'])).limit).toBe(2);
  });

  it.each([
    [['--cluster'], true],
    [['--cluster=false'], false],
    [['--cluster=true'], true],
    [[], true],
  ])('read a boolean from %j as %s', (argv, expected) => {
    expect(settingsOf(load(['--id=1', ...argv])).cluster).toBe(expected);
  });

  it('take the keys of their own table before those at the top, and skip the tables of other programs', () => {
    const file = toml('log-level = "warn"\n[worker]\nlog-level = "debug"\n[master]\nelection-ttl = "9s"');
    expect(settingsOf(load(['--id=1', `--config=${file}`])).logLevel).toBe('debug');
  });

  it('may be native numbers, booleans and lists in the file, and tables that no flag can hold', () => {
    const file = toml('id = "a"\nlimit = 7\ncluster = false\netcd = ["a:1", "b:2"]\n[[tasks]]\nname = "x"');
    expect(settingsOf(load([], { ORBWEAVER_CONFIG: file }))).toMatchObject({
      limit: 7,
      cluster: false,
      etcd: ['a:1', 'b:2'],
      tasks: 1,
    });
  });

  it('count an empty environment variable as not set', () => {
    expect(settingsOf(load(['--id=1'], { ORBWEAVER_ETCD: '' })).etcd).toEqual(['127.0.0.1:2379']);
  });

  it('report every fault of every source at once', () => {
    const file = toml('colour = "red"\nregister_ttl = "4s"\nlimit = 70\ncluster = "maybe"');
    const faults = faultsOf(
      load(['--id=a-b', '--htpt=:1', '-id', 'stray', `--config=${file}`, '--etcd=a:1,b'], {
        ORBWEAVER_LOG_LEVEL: 'loud',
      }),
    );
    expect(faults.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      '--htpt: there is no such flag; did you mean --http?',
      '-id: write two dashes: --id',
      'stray: is no flag; flags are written --flag=value',
      `${file}: colour: there is no such key`,
      `${file}: register_ttl: there is no such key; did you mean register-ttl?`,
      '--id: expected letters, digits, "." and "_" only ("-" and "|" separate fields in the registry), got "a-b"',
      '--etcd: "b" is not host:port',
      'ORBWEAVER_LOG_LEVEL: expected one of debug, info, warn, error, got "loud"',
      `${file}: cluster: expected true or false, got "maybe"`,
      `${file}: limit: expected a whole number between 1 and 10, got 70`,
    ]);
  });

  it.each([
    [['--id=1', '--register-ttl=20s'], '--register-interval must be at most half of --register-ttl'],
    [['--id=1', '--etcd-cert=a.pem'], '--etcd-cert and --etcd-key only go together'],
    [['--id=1', '--etcd-user=root'], '--etcd-user and --etcd-password only go together'],
    [[], '--id is required'],
    [['--id'], 'needs a value, as in --id=VALUE'],
    [['--id=1', '--tasks=x'], 'can only be set in the file of --config'],
    [['--id=1', '--config=/nowhere.toml'], 'there is no such file'],
    [['--id=1', '--podip=10.0.0.256'], 'expected an IPv4 address'],
  ])('refuse %j, saying that %s', (argv, message) => {
    expect(faultsOf(load(argv)).map((fault) => fault.message)).toEqual([expect.stringContaining(message)]);
  });

  it('refuse a file that is not TOML, saying where', () => {
    const file = toml('id = "1"\nhttp = :80');
    expect(faultsOf(load([`--config=${file}`]))[0]?.message).toMatch(/not valid TOML.*[\s\S]*2/);
  });

  it('never show a secret', () => {
    const file = toml('etcd-password = 12345');
    const text = renderFaults('orbweaver worker', faultsOf(load([`--config=${file}`])));
    expect(text).toContain('etcd-password: expected a password, got the value (not shown)');
    expect(text).not.toContain('12345');
  });

  it.each([['--help'], ['-h']])('give way to the help at %s, whatever else is wrong', (flag) => {
    expect(load(['--nonsense', flag]).kind).toBe('help');
  });

  it('show each flag with its value, default and meaning in the help', () => {
    const help = renderHelp(schema, 100);
    expect(help).toContain('Usage: orbweaver worker [--flag=value …]');
    expect(help).toMatch(/--register-ttl=DURATION\s+How long a registration[^]*\(default\s+60s\)/);
    expect(help).toContain('--cluster[=true|false]');
    expect(help.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('fill the reference page, one row a setting', () => {
    const page = renderReference([schema]);
    expect(page).toContain('## orbweaver worker');
    expect(page).toContain('| `--http=HOST:PORT` | `ORBWEAVER_HTTP` | `127.0.0.1:8080` |');
    expect(page).toContain('`--log-level=debug\\|info\\|warn\\|error`');
  });

  it('refuse a schema whose own default is wrong, or which has a flag twice', () => {
    const limit = { flag: 'limit', type: integer({ max: 1 }), default: '2', description: '' };
    expect(() => defineSettings({ program: 'x', summary: '', settings: { limit } })).toThrow('of at most 1');
    const help = { flag: 'help', type: boolean(), description: '' };
    expect(() => defineSettings({ program: 'x', summary: '', settings: { help } })).toThrow('defined twice');
  });
});

function settingsOf<M extends SettingMap>(loaded: Loaded<M>) {
  if (loaded.kind !== 'settings') throw new Error(`expected settings, got ${JSON.stringify(loaded)}`);
  return loaded.values;
}

function faultsOf(loaded: Loaded<SettingMap>) {
  if (loaded.kind !== 'faults') throw new Error(`expected faults, got ${loaded.kind}`);
  return loaded.faults;
}
