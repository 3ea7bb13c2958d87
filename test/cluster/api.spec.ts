import { Metadata } from '@grpc/grpc-js';
import { cluster as proto, crawler } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';

const LONG_MS = 180_000;

describe("the masters' API", () => {
  let cluster: Cluster;
  let leader: MasterProcess;
  let follower: MasterProcess;
  let worker: string;

  beforeAll(async () => {
    cluster = await Cluster.start();
    worker = await cluster.registerWorker('1', '127.0.0.1:1');
    leader = await cluster.master('1');
    await cluster.leader([leader]);
    follower = await cluster.master('2');
    await cluster.leader();
    await cluster.workersKnown(leader, 1);
    await cluster.workersKnown(follower, 1);
  }, LONG_MS);
  afterAll(() => cluster.stop());

  const both = () => [['the leader', leader] as const, ['a follower', follower] as const];

  const post = (master: MasterProcess, body: unknown, query = '') =>
    master.rest('POST', `/crawler/resource${query}`, body);

  it('adds, tells again, refuses another spec, and deletes, at the leader and at a follower', async () => {
    for (const [where, master] of both()) {
      const name = `life of one at ${where}`;
      const answer = { status: 200, body: { id: worker, Address: '127.0.0.1:1' } };
      expect(
        await post(master, { id: 'zjx', name, spec: { seeds: ['http://a/'], maxDepth: 1 } }),
      ).toMatchObject(answer);
      expect(await post(master, { name, spec: { maxDepth: 1, seeds: ['http://a/'] } })).toMatchObject(answer);
      expect(await post(master, { name, spec: { seeds: ['http://b/'] } })).toMatchObject({
        status: 409,
        body: { code: 6, message: `resource "${name}" exists with another spec`, details: [] },
      });
      expect(await master.rest('DELETE', '/crawler/resource', { name })).toMatchObject({
        status: 200,
        body: {},
      });
      expect(await master.rest('DELETE', '/crawler/resource', { name })).toMatchObject({
        status: 404,
        body: { code: 5, message: 'no such task', details: [] },
      });
    }
    expect(await cluster.client.count('/orbweaver/specs/')).toBe(0);
  });

  it('gives one answer to many who add the same name at the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => post(i % 2 === 0 ? leader : follower, { name: 'wanted by many' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const stored = await cluster.client.get('/resources/wanted by many');
    expect(stored?.version).toBe(1n);
  });

  it('decides one way when many add one name with different specs', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post(leader, { name: 'disputed', spec: { seeds: ['http://a/'], maxPages: 1 + (i % 4) } }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
  });

  it.each([
    ['an empty name', { name: '' }],
    ['no name', {}],
    ['a slash', { name: 'a/b' }],
    ['a control character', { name: 'a\u0007b' }],
    ['the reserved name', { name: 'election' }],
    ['a name of 254 bytes', { name: 'ä'.repeat(127) }],
    ['a name of a wrong type', { name: 5 }],
    ['a spec that is no object', { name: 'x', spec: '[1]' }],
    ['a spec without seeds', { name: 'x', spec: { maxPages: 1 } }],
    ['a spec with a key that nobody knows', { name: 'x', spec: { seeds: ['http://a/'], maxpages: 1 } }],
    ['a spec that is no JSON', { name: 'x', spec: '{' }],
    ['a spec beyond its size', { name: 'x', spec: { note: 'x'.repeat(300_000) } }],
    ['malformed JSON', '{"name":'],
  ])('refuses %s with 400 and changes nothing', async (_, body) => {
    const before = await cluster.client.count('/resources/');
    for (const [, master] of both()) {
      const answer = await post(master, body);
      expect([answer.status, answer.body.code, answer.body['details']]).toEqual([400, 3, []]);
      expect(answer.body.message).not.toBe('');
    }
    expect(await cluster.client.count('/resources/')).toBe(before);
  });

  it('refuses a body of more than 1 MiB, an unknown path, a method that a path lacks', async () => {
    expect(await post(leader, { name: 'x'.repeat(1_100_000) })).toMatchObject({ status: 413 });
    expect(await leader.rest('GET', '/crawler/nothing')).toMatchObject({
      status: 404,
      body: { code: 5, message: 'Not Found' },
    });
    const wrong = await leader.rest('PATCH', '/crawler/resource', {});
    expect([wrong.status, wrong.body.code, wrong.headers.get('allow')]).toEqual([
      405,
      12,
      expect.stringContaining('POST'),
    ]);
  });

  it('refuses options that it does not understand', async () => {
    expect(await post(leader, { name: 'x' }, '?pending=perhaps')).toMatchObject({ status: 400 });
    expect(await leader.rest('GET', '/crawler/resource?consistency=eventual')).toMatchObject({ status: 400 });
  });

  it('lists in the order of names, by page, prefix and node, alike from the view and from etcd', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `list-${String(i).padStart(2, '0')}`);
    const { body } = await follower.rest('POST', '/crawler/resources', {
      resources: names.toReversed().map((name) => ({ name })),
    });
    expect(body['results']).toHaveLength(25);
    for (const [, master] of both()) {
      const total = async () => (await master.rest('GET', '/crawler/resource?prefix=list-')).body['total'];
      await until(async () => (await total()) === 25, { what: 'it has seen all' });
      for (const consistency of ['view', 'strong']) {
        const seen: string[] = [];
        let token = '';
        do {
          const page = await master.rest(
            'GET',
            `/crawler/resource?page_size=10&prefix=list-&node_id=${worker}&consistency=${consistency}&page_token=${token}`,
          );
          expect(page.body).toMatchObject({ total: 25 });
          seen.push(...(page.body['resources'] as { name: string }[]).map(({ name }) => name));
          token = page.body['nextPageToken'] as string;
        } while (token !== '');
        expect(seen).toEqual(names);
      }
    }
    expect(await leader.rest('GET', '/crawler/resource?page_size=1001')).toMatchObject({ status: 400 });
    expect(await leader.rest('GET', '/crawler/resource?page_token=!')).toMatchObject({ status: 400 });
    const all = await leader.rest('GET', '/crawler/resource?consistency=strong');
    const seen = async () => (await leader.rest('GET', '/crawler/resource')).body['total'];
    await until(async () => (await seen()) === all.body['total'], { what: 'the view knows as many' });
  });

  it('tells one resource with its spec, fresh from the leader when it is asked to', async () => {
    await post(leader, { name: 'one', spec: { seeds: ['http://a/'] } });
    const strong = await follower.rest('GET', '/crawler/resource/one?consistency=strong');
    expect(strong).toMatchObject({
      status: 200,
      body: { name: 'one', nodeId: worker, spec: '{"seeds":["http://a/"]}' },
    });
    const logged = () =>
      leader.logged('receive request').filter(({ method }) => method === 'Cluster.GetResource');
    await until(() => logged().length === 1, { what: 'the leader has logged it' });
    expect(await leader.rest('GET', '/crawler/resource/none')).toMatchObject({ status: 404 });
    expect(await follower.rest('GET', '/crawler/resource/none?consistency=strong')).toMatchObject({
      status: 404,
    });
  });

  it('replaces a spec, under a new epoch, and only when it is another', async () => {
    await post(leader, { name: 'respec', spec: { seeds: ['http://a/'] } });
    const epoch = async () =>
      BigInt(
        (await leader.rest('GET', '/crawler/resource/respec?consistency=strong')).body['epoch'] as string,
      );
    const first = await epoch();
    const put = (spec: unknown) => follower.rest('PUT', '/crawler/resource/respec/spec', spec);
    expect(await put({ seeds: ['http://b/'] })).toMatchObject({
      status: 200,
      body: { name: 'respec', spec: '{"seeds":["http://b/"]}' },
    });
    const second = await epoch();
    expect(second).toBeGreaterThan(first);
    expect(await put({ seeds: ['http://b/'] })).toMatchObject({ status: 200 });
    expect(await epoch()).toBe(second);
    expect(await follower.rest('PUT', '/crawler/resource/none/spec', { seeds: ['http://a/'] })).toMatchObject(
      { status: 404 },
    );
    expect(await put([1])).toMatchObject({ status: 400 });
    expect(await cluster.disagreements()).toEqual([]);
  });

  it('answers a batch entry by entry, in order', async () => {
    const { body, status } = await follower.rest('POST', '/crawler/resources', {
      resources: [
        { name: 'batch-1' },
        { name: 'no/good' },
        { name: 'batch-2', spec: { seeds: ['http://a/'] } },
        { name: 'batch-2', spec: { seeds: ['http://b/'] } },
        { name: 'batch-1' },
      ],
    });
    expect(status).toBe(200);
    expect(body['results']).toMatchObject([
      { nodeId: worker, code: 0 },
      { nodeId: '', code: 3 },
      { nodeId: worker, code: 0 },
      { code: 6 },
      { nodeId: worker, code: 0 },
    ]);
    const many = Array.from({ length: 1_001 }, (_, i) => ({ name: `n-${i}` }));
    expect(await leader.rest('POST', '/crawler/resources', { resources: many })).toMatchObject({
      status: 400,
    });
  });

  it('tells the masters, who leads, and the workers', async () => {
    for (const [, master] of both()) {
      const { body } = await until(
        async () => {
          const answer = await master.rest('GET', '/crawler/master');
          return (answer.body['masters'] as object[]).length === 2 && answer;
        },
        { what: 'both are known' },
      );
      expect(body).toMatchObject({
        masters: [
          { id: 'go.micro.server.master-1', leader: true },
          { id: 'go.micro.server.master-2', leader: false },
        ],
        leader: { value: `master1-${leader.grpcAddress}`, address: leader.grpcAddress },
      });
      expect(Number((body['leader'] as { term: string }).term)).toBeGreaterThan(0);
      expect((await master.rest('GET', '/crawler/node')).body['nodes']).toMatchObject([
        { id: worker, address: '127.0.0.1:1', draining: false, state: '' },
      ]);
    }
    expect(await leader.rest('POST', '/crawler/node/nobody/drain')).toMatchObject({ status: 404 });
  });

  it('serves go-micro clients under the path that they call', async () => {
    const { path, ...codec } = crawler.CrawlerMasterService.addResource;
    const aliased = { ...codec, path: `/go.micro.server.master.${path.slice(1)}` };
    const request = { id: '', name: 'by-go', assignedNode: '', creationTime: 0n, spec: '' };
    await expect(follower.call(aliased, request)).resolves.toMatchObject({ id: worker });
  });

  it('lets a caller keep a resource without a worker by metadata, across the hop', async () => {
    await cluster.unregisterWorker('1');
    await cluster.workersKnown(leader, 0);
    const request = { id: '', name: 'kept', assignedNode: '', creationTime: 0n, spec: '' };
    const add = (metadata: Record<string, string>) =>
      follower.call(crawler.CrawlerMasterService.addResource, request, { metadata });
    await expect(add({})).rejects.toMatchObject({ code: 14, details: 'no worker nodes' });
    await expect(add({ 'orbweaver-pending': 'true' })).resolves.toEqual({ id: '', Address: '' });
    await cluster.registerWorker('1', '127.0.0.1:1');
    await until(async () => (await leader.rest('GET', '/crawler/resource/kept')).body['nodeId'] === worker, {
      what: 'it is assigned',
    });
  });

  it('streams what matches, then every change of it', async () => {
    await leader.add('watched-1');
    await until(async () => (await follower.rest('GET', '/crawler/resource/watched-1')).status === 200, {
      what: 'the follower knows it',
    });
    const { path, requestSerialize, responseDeserialize } = proto.ClusterService.watchResources;
    const stream = follower.grpc.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { prefix: 'watched-', nodeId: '' },
      new Metadata(),
    );
    const events: string[] = [];
    stream.on('data', ({ kind, resource }: proto.ResourceEvent) => {
      events.push(`${proto.ResourceEvent_Kind[kind]} ${resource?.name ?? ''}`.trim());
    });
    stream.on('error', (error) => events.push(String(error)));
    await until(() => events.includes('SYNCED'), { what: 'it has caught up' });
    await leader.add('watched-2');
    await leader.add('other');
    await leader.rest('PUT', '/crawler/resource/watched-1/spec', { seeds: ['http://a/'] });
    await leader.remove('watched-2');
    await until(() => events.length >= 5, { what: 'it has seen the changes' });
    expect(events).toEqual([
      'SNAPSHOT watched-1',
      'SYNCED',
      'CREATED watched-2',
      'UPDATED watched-1',
      'DELETED watched-2',
    ]);
    stream.cancel();
  });

  it('greets, documents itself, and counts what it does', async () => {
    expect(await leader.rest('POST', '/greeter/hello', { name: 'Bob' })).toMatchObject({
      body: { greeting: 'Hello Bob' },
    });
    const metrics = await (await fetch(`http://${leader.http}/metrics`)).text();
    for (const name of [
      'requests_total',
      'term',
      'resources',
      'worker_load',
      'commit_duration_seconds',
      'view_stale_seconds',
    ]) {
      expect(metrics).toContain(`orbweaver_${name}`);
    }
    expect(metrics).toMatch(/^orbweaver_leads 1$/m);
    const docs = await fetch(`http://${leader.http}/docs`);
    expect(docs.status).toBe(200);
  });
});
