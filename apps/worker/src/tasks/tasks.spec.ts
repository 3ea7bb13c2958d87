import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transaction, TxnResult } from '@app/etcd';
import { encodeControl } from '@app/resources';
import { SpecSource } from './spec-source.js';
import { TaskDirectory, TaskList } from './task-catalog.js';

const ID = '1621665639791857664';
const SEEDS = ['http://site.test/'];

describe('the tasks of a directory', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-tasks-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('are found by name, as YAML or JSON', async () => {
    await writeFile(join(directory, 'a.yaml'), 'seeds: [x]\n# a comment\n');
    await writeFile(join(directory, 'b.yml'), 'seeds: [y]');
    await writeFile(join(directory, 'c.d.json'), '{"seeds":["z"]}');
    await writeFile(join(directory, 'readme.md'), 'text');
    const tasks = new TaskDirectory(directory);
    expect(await tasks.names()).toEqual(['a', 'b', 'c.d']);
    expect(await tasks.find('a')).toEqual({ kind: 'found', value: { seeds: ['x'] } });
    expect(await tasks.find('c.d')).toEqual({ kind: 'found', value: { seeds: ['z'] } });
    expect(await tasks.find('d')).toBeUndefined();
    expect([await tasks.has('b'), await tasks.has('readme')]).toEqual([true, false]);
  });

  it('that cannot be read say what is wrong with which file', async () => {
    await writeFile(join(directory, 'a.yaml'), 'seeds: [unclosed');
    await writeFile(join(directory, 'b.yaml'), `# ${'x'.repeat(300_000)}`);
    const tasks = new TaskDirectory(directory);
    expect(await tasks.find('a')).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('a.yaml') });
    expect(await tasks.find('b')).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('262144') });
  });

  it('are none when the directory is not there', async () => {
    const tasks = new TaskDirectory(join(directory, 'nowhere'));
    expect(await tasks.names()).toEqual([]);
    expect(await tasks.find('a')).toBeUndefined();
  });
});

describe('the spec of a resource', () => {
  const etcdWith = (stored: Record<string, string>) => ({
    txn: async ({ success = [] }: Transaction): Promise<TxnResult> => ({
      succeeded: true,
      revision: 1n,
      responses: success.map(({ key }) => {
        const value = stored[key];
        const kv = { key, createRevision: 1n, modRevision: 1n, version: 1n, leaseId: 0n };
        return { type: 'get', kvs: value === undefined ? [] : [{ ...kv, value }] };
      }),
    }),
  });
  const catalog = new TaskList([{ name: 'own', seeds: SEEDS } as { name: string }, { name: 'odd' }]);

  it('is the one that came with it, else the worker’s own of its name', async () => {
    const source = new SpecSource(
      etcdWith({ '/orbweaver/specs/own': '{"seeds":["http://other.test/"]}' }),
      catalog,
    );
    expect(await source.find('own', ID)).toMatchObject({
      spec: { kind: 'spec', spec: { seeds: [{ url: 'http://other.test/' }] } },
    });
    expect(await new SpecSource(etcdWith({}), catalog).find('own', ID)).toMatchObject({
      spec: { kind: 'spec', spec: { seeds: [{ url: SEEDS[0] }] } },
    });
  });

  it.each([
    ['/orbweaver/specs/a', '{"seeds":[]}', 'seeds: expected at least one URL', false],
    ['/orbweaver/specs/a', 'no JSON', 'JSON', false],
    ['', '', 'seeds: expected a list', true],
  ])('%s = %s is wrong: %s', async (key, value, reason, isOurs) => {
    const source = new SpecSource(etcdWith({ [key]: value }), catalog);
    expect((await source.find(key === '' ? 'odd' : 'a', ID)).spec).toMatchObject({
      kind: 'wrong',
      reason: expect.stringContaining(reason),
      isOurs,
    });
  });

  it('comes with what people want of it', async () => {
    const control = { paused: true, run: 4, retry: 2, generation: 1 };
    const source = new SpecSource(
      etcdWith({ '/orbweaver/control/own': encodeControl(control, ID) }),
      catalog,
    );
    expect((await source.find('own', ID)).control).toEqual(control);
    expect((await source.find('odd', ID)).control).toMatchObject({ paused: false, run: 1 });
    expect((await source.find('own', 'of another of that name')).control.paused).toBe(false);
  });

  it('that is missing says what to do', async () => {
    expect((await new SpecSource(etcdWith({}), undefined).find('a', ID)).spec).toEqual({
      kind: 'missing',
      reason:
        'there is no spec of that name: set its spec (orbweaver set-spec, PUT /crawler/resource/:name/spec)',
      isOurs: false,
    });
    const { spec } = await new SpecSource(etcdWith({}), new TaskDirectory('/tasks')).find('a', ID);
    expect(spec).toMatchObject({ reason: expect.stringContaining('put a.yaml into /tasks'), isOurs: true });
  });
});
