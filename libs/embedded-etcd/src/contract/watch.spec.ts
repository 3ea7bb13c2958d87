import { EtcdApi, type Answer, type EtcdStream, type Question } from '../../../../test/support/etcd-api.js';
import { allServers, type ServerUnderTest } from '../../../../test/support/etcd-servers.js';
import { until } from '../../../../test/support/until.js';

describe.each(allServers)('the Watch service of %s', (_name, start) => {
  let server: ServerUnderTest;
  let api: EtcdApi;
  let stream: EtcdStream;
  let tests = 0;
  let prefix = '';

  beforeAll(async () => {
    server = await start();
    api = new EtcdApi(server.endpoint);
  });
  afterAll(async () => {
    api.close();
    await server.stop();
  });
  beforeEach(() => {
    prefix = `t${tests++}/`;
    stream = api.watch();
  });
  afterEach(() => stream.close());

  const put = (name: string, value = ''): Promise<number> => revision(api.put({ key: prefix + name, value }));
  const del = (name: string): Promise<number> => revision(api.deleteRange({ key: prefix + name }));
  const revision = async (answer: Promise<Answer>): Promise<number> => Number((await answer).header.revision);
  const present = (): Promise<number> => revision(api.range({ key: 'none' }));
  const all = (): Question => ({ key: prefix, range_end: `${prefix.slice(0, -1)}0` });
  const create = async (request: Question = all()): Promise<Answer> => {
    stream.send({ create_request: request });
    return stream.next();
  };
  /** What the next `count` events are, whatever the answers they come in. */
  const events = async (count: number): Promise<Event[]> => {
    const got: Event[] = [];
    while (got.length < count) got.push(...((await stream.next()).events as Event[]));
    return got;
  };
  const told = (event: Event): string =>
    `${event.type === 0 ? 'put' : 'delete'} ${event.kv.key.slice(prefix.length)}@${event.kv.mod_revision}`;

  it('says what it watches before it tells of it', async () => {
    const now = await put('a');
    expect(await create()).toEqual({
      header: { revision: `${now}` },
      watch_id: '0',
      created: true,
      canceled: false,
      compact_revision: '0',
      cancel_reason: '',
      fragment: false,
      events: [],
    });
    const next = await put('a', 'v');
    expect(await stream.next()).toMatchObject({
      header: { revision: `${next}` },
      watch_id: '0',
      created: false,
      events: [
        {
          type: 0,
          prev_kv: null,
          kv: {
            key: `${prefix}a`,
            value: 'v',
            create_revision: `${now}`,
            mod_revision: `${next}`,
            version: '2',
            lease: '0',
          },
        },
      ],
    });
    const gone = await del('a');
    expect((await stream.next()).events).toEqual([
      {
        type: 1,
        prev_kv: null,
        kv: {
          key: `${prefix}a`,
          value: '',
          create_revision: '0',
          mod_revision: `${gone}`,
          version: '0',
          lease: '0',
        },
      },
    ]);
  });

  it('tells of one key, an interval, or all from a key on, and of nothing else', async () => {
    await create({ key: `${prefix}b`, watch_id: 1 });
    await create({ key: `${prefix}b`, range_end: `${prefix}d`, watch_id: 2 });
    await create({ key: `${prefix}c`, range_end: '\0', watch_id: 3 });
    for (const name of ['a', 'b', 'c', 'd']) await put(name);
    const got: string[] = [];
    while (got.length < 5) {
      const answer = await stream.next();
      for (const event of answer.events as Event[]) {
        got.push(`${String(answer.watch_id)}:${told(event).split('@')[0]!}`);
      }
    }
    expect(got.sort()).toEqual(['1:put b', '2:put b', '2:put c', '3:put c', '3:put d']);
  });

  it('tells of all that happened since a revision, then of what happens, once and in order', async () => {
    const first = await put('a');
    const expected = [`put a@${first}`];
    for (let i = 0; i < 50; i++) {
      expected.push(`put a@${await put('a')}`, `put b@${await put('b')}`, `delete a@${await del('a')}`);
    }
    await create({ ...all(), start_revision: first });
    for (let i = 0; i < 50; i++) expected.push(`put c@${await put('c')}`);
    expect((await events(expected.length)).map(told)).toEqual(expected);
  });

  it('misses and repeats nothing while others write', async () => {
    const first = await put('k');
    const enough = new AbortController();
    const writer = (async () => {
      let count = 1;
      for (; !enough.signal.aborted; count++) await put('k');
      return count;
    })();
    const streams = Array.from({ length: 10 }, () => api.watch());
    for (const [i, stream] of streams.entries()) {
      stream.send({ create_request: { ...all(), start_revision: first + i } });
      await stream.next();
    }
    await until(async () => (await present()) > first + 100, { what: 'much is written' });
    enough.abort();
    const last = first + (await writer) - 1;
    for (const [i, stream] of streams.entries()) {
      const revisions: number[] = [];
      while (revisions.at(-1) !== last) {
        const { events } = (await stream.next()) as unknown as { events: Event[] };
        revisions.push(...events.map(({ kv }) => Number(kv.mod_revision)));
      }
      expect(revisions).toEqual(Array.from({ length: last - first - i + 1 }, (_, n) => first + i + n));
      stream.close();
    }
  });

  it('waits for a revision to come', async () => {
    const now = await present();
    await create({ ...all(), start_revision: now + 3 });
    await put('a');
    await put('b');
    const third = await put('c');
    expect((await events(1)).map(told)).toEqual([`put c@${third}`]);
  });

  it('tells of all changes of one revision in one answer, in the order in which they were made', async () => {
    await put('gone');
    await create();
    const success = ['c', 'a', 'b'].map((name) => ({ request_put: { key: prefix + name } }));
    const rev = await revision(
      api.txn({ success: [...success, { request_delete_range: { key: `${prefix}gone` } }] }),
    );
    const answer = await stream.next();
    expect(answer.header.revision).toBe(`${rev}`);
    expect((answer.events as Event[]).map(told)).toEqual([
      `put c@${rev}`,
      `put a@${rev}`,
      `put b@${rev}`,
      `delete gone@${rev}`,
    ]);
  });

  it('leaves out what is filtered', async () => {
    const first = await put('a');
    for (const [i, filters] of [[0], [1], [0, 1]].entries()) {
      stream.send({ create_request: { ...all(), start_revision: first, filters, watch_id: i + 1 } });
    }
    await del('a');
    await put('b');
    await del('b');
    const got: string[] = [];
    while (got.length < 4) {
      const answer = await stream.next();
      for (const event of answer.events as Event[]) {
        got.push(`${String(answer.watch_id)}:${told(event).split('@')[0]!}`);
      }
    }
    expect(got.sort()).toEqual(['1:delete a', '1:delete b', '2:put a', '2:put b']);
  });

  it('adds the previous value if asked, unless it is compacted', async () => {
    await put('a', '1');
    const second = await put('a', '2');
    await create({ ...all(), prev_kv: true });
    await put('a', '3');
    await del('a');
    await put('a', '4');
    const previous = (await events(3)).map(({ prev_kv }) => prev_kv?.value ?? null);
    expect(previous).toEqual(['2', '3', null]);

    await api.compact({ revision: second });
    stream.send({ create_request: { ...all(), start_revision: second, prev_kv: true } });
    await stream.next();
    const replayed = (await events(4)).map(({ prev_kv }) => prev_kv?.value ?? null);
    expect(replayed).toEqual([null, '2', '3', null]);
  });

  it('gives watches numbers, or takes those of the client', async () => {
    expect((await create()).watch_id).toBe('0');
    expect((await create()).watch_id).toBe('1');
    expect((await create({ ...all(), watch_id: 2 })).watch_id).toBe('2');
    expect((await create()).watch_id).toBe('3');
    expect(await create({ ...all(), watch_id: 2 })).toMatchObject({
      watch_id: '-1',
      created: true,
      canceled: true,
      cancel_reason: 'mvcc: duplicate watch ID provided on the WatchStream',
    });
  });

  it('refuses an interval in which no key can be', async () => {
    expect(await create({ key: 'b', range_end: 'a' })).toMatchObject({
      watch_id: '-1',
      created: true,
      canceled: true,
      cancel_reason: 'mvcc: watcher range is empty',
    });
  });

  it('watches everything when no key is named', async () => {
    await create({ key: '', range_end: '\0' });
    const now = await put('a');
    expect((await events(1)).map(told)).toEqual([`put a@${now}`]);
  });

  it('cancels a watch, and only it', async () => {
    await create();
    await create({ ...all(), watch_id: 5 });
    stream.send({ cancel_request: { watch_id: 0 } });
    const now = await present();
    expect(await stream.next()).toMatchObject({
      header: { revision: `${now}` },
      watch_id: '0',
      canceled: true,
      created: false,
      cancel_reason: '',
    });
    stream.send({ cancel_request: { watch_id: 99 } });
    await put('a');
    expect(await stream.next()).toMatchObject({ watch_id: '5', events: [{}] });
  });

  it('cancels a watch whose start is compacted, and says how far', async () => {
    const first = await put('a');
    await put('a');
    const third = await put('a');
    await api.compact({ revision: third });
    expect(await create({ ...all(), start_revision: first })).toMatchObject({
      created: true,
      canceled: false,
    });
    expect(await stream.next()).toMatchObject({
      header: { revision: '0' },
      watch_id: '0',
      canceled: true,
      compact_revision: `${third}`,
      events: [],
    });
    expect(await create({ ...all(), start_revision: third })).toMatchObject({ created: true });
    expect((await events(1)).map(told)).toEqual([`put a@${third}`]);
  });

  it('answers a progress request with how far it is', async () => {
    await create();
    const now = await put('a');
    await stream.next();
    stream.send({ progress_request: {} });
    expect(await stream.next()).toMatchObject({ header: { revision: `${now}` }, watch_id: '-1', events: [] });
  });

  it('splits a large answer for a client that takes parts, and for no other', async () => {
    const value = 'v'.repeat(700_000);
    const first = await put('a', value);
    for (let i = 0; i < 4; i++) await put('a', value);
    const end = await put('end');
    for (const fragment of [true, false]) {
      await create({ ...all(), start_revision: first, fragment, filters: [] });
      const parts: Answer[] = [];
      let last: Event | undefined;
      while (last?.kv.mod_revision !== `${end}`) {
        const part = await stream.next();
        parts.push(part);
        last = (part.events as Event[]).at(-1);
      }
      expect(parts.flatMap((part) => part.events as Event[])).toHaveLength(6);
      expect(parts.at(-1)!.fragment).toBe(false);
      if (!fragment) expect(parts.every((part) => part.fragment === false)).toBe(true);
      stream.close();
      stream = api.watch();
    }
  });

  it('catches up with a client that did not read for a while', async () => {
    await create();
    stream.pause();
    const value = 'v'.repeat(200_000);
    const expected: string[] = [];
    for (let i = 0; i < 60; i++) expected.push(`put a@${await put('a', value)}`);
    stream.resume();
    for (let i = 0; i < 5; i++) expected.push(`put a@${await put('a', 'small')}`);
    expect((await events(expected.length)).map(told)).toEqual(expected);
  });
});

interface Event {
  type: number;
  kv: { key: string; value: string; mod_revision: string };
  prev_kv: { value: string } | null;
}
