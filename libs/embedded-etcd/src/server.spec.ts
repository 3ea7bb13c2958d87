import { EtcdApi, type EtcdStream } from '../../../test/support/etcd-api.js';
import { settled, until } from '../../../test/support/until.js';
import { startEmbeddedEtcd, type EmbeddedEtcd, type EmbeddedEtcdOptions } from './index.js';

let server: EmbeddedEtcd;
let api: EtcdApi;

async function start(options: EmbeddedEtcdOptions = {}): Promise<void> {
  server = await startEmbeddedEtcd({ listen: '127.0.0.1:0', memory: true, ...options });
  api = new EtcdApi(server.endpoint);
}
afterEach(async () => {
  api.close();
  await server.close();
});

const put = (key: string, value = ''): Promise<unknown> => api.put({ key, value });
const watch = async (request: Record<string, unknown>): Promise<EtcdStream> => {
  const stream = api.watch();
  stream.send({ create_request: request });
  await stream.next();
  return stream;
};

it('compacts by itself, and keeps as many revisions as it was told', async () => {
  await start({ keepRevisions: 10 });
  for (let i = 0; i < 100; i++) await put('key', `${i}`);
  const readable = (revision: number): Promise<boolean> =>
    api.range({ key: 'key', revision }).then(
      () => true,
      () => false,
    );
  await until(async () => !(await readable(80)), { what: 'what is old is compacted' });
  expect(await readable(91)).toBe(true);
});

it('takes nothing more beyond its size, until there is room again', async () => {
  await start({ quotaBytes: 100_000, keepRevisions: 0 });
  const full = { code: 8, details: 'etcdserver: mvcc: database space exceeded' };
  const fill = async (): Promise<void> => {
    for (;;) await put('key', 'v'.repeat(10_000));
  };
  await expect(fill()).rejects.toMatchObject(full);
  const success = [{ request_put: { key: 'key', value: 'v'.repeat(10_000) } }];
  await expect(api.txn({ success })).rejects.toMatchObject(full);
  await expect(api.txn({ success: [{ request_range: { key: 'key' } }] })).resolves.toMatchObject({
    succeeded: true,
  });
  const { header } = await api.deleteRange({ key: 'key' });
  await api.compact({ revision: Number(header.revision) });
  await expect(put('key', 'v'.repeat(10_000))).resolves.toBeDefined();
});

it('tells a watch that has nothing to hear how far it is, if it wants to know', async () => {
  await start({ progressNotifyIntervalMs: 50 });
  const stream = await watch({ key: 'watched', progress_notify: true });
  const quiet = await watch({ key: 'watched' });
  await put('other');
  const told = async (): Promise<unknown> => {
    for (;;) {
      const answer = await stream.next();
      expect(answer).toMatchObject({ watch_id: '0', events: [], created: false, canceled: false });
      if (answer.header.revision === '2') return true;
    }
  };
  await expect(told()).resolves.toBe(true);
  await put('watched');
  expect(await quiet.next()).toMatchObject({ events: [{}] });
});

it('answers a progress request of a stream that is behind when it has caught up', async () => {
  await start();
  for (let i = 0; i < 50; i++) await put('key', 'v'.repeat(100_000));
  const stream = api.watch();
  stream.send({ create_request: { key: 'key', start_revision: 2 } });
  stream.send({ progress_request: {} });
  const revisions: string[] = [];
  for (;;) {
    const answer = await stream.next();
    if (answer.watch_id === '-1') {
      expect(answer.header.revision).toBe('51');
      break;
    }
    revisions.push(...(answer.events as { kv: { mod_revision: string } }[]).map(({ kv }) => kv.mod_revision));
  }
  expect(revisions).toEqual(Array.from({ length: 50 }, (_, i) => `${i + 2}`));
});

it('ends its streams and its work when it is closed', async () => {
  await start();
  const stream = await watch({ key: 'key' });
  const keepAlive = api.leaseKeepAlive();
  keepAlive.send({ ID: 1 });
  await keepAlive.next();
  await settled(server.close(), { what: 'it is closed, though they are open' });
  for (const each of [stream, keepAlive]) {
    await expect(each.next()).rejects.toMatchObject({ code: 14, details: 'etcdserver: server stopped' });
  }
});

it('says what is wrong with how it is started', async () => {
  await start();
  const starting = (options: EmbeddedEtcdOptions): Promise<unknown> => startEmbeddedEtcd(options);
  const wrong = { code: 'INVALID_ARGUMENT' };
  await expect(starting({})).rejects.toMatchObject(wrong);
  await expect(starting({ memory: true, dataDir: 'x' })).rejects.toMatchObject(wrong);
  await expect(starting({ memory: true, listen: 'nonsense' })).rejects.toMatchObject(wrong);
  await expect(starting({ memory: true, listen: '127.0.0.1:66000' })).rejects.toMatchObject(wrong);
  await expect(starting({ memory: true, listen: server.endpoint })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});

it('takes 64 MiB of large values in flight, and reads them back in one answer', async () => {
  await start();
  const value = 'v'.repeat(1024 * 1024);
  await Promise.all(Array.from({ length: 64 }, (_, i) => put(`key-${i}`, value)));
  const { kvs } = (await api.range({ key: 'key-', range_end: 'key.' })) as unknown as {
    kvs: { value: string }[];
  };
  expect(kvs).toHaveLength(64);
  expect(kvs.every((kv) => kv.value === value)).toBe(true);
});
