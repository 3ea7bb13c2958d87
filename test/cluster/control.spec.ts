import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { decodeControl, decodeResource, encodeControl, encodeResource, keys } from '@app/resources';
import { cluster as proto } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess, RestAnswer } from './master-process.js';
import { chunk, failure, named, ScriptedWorker, type ExportCall } from './scripted-worker.js';

const LONG_MS = 180_000;
const FIRST = { paused: false, run: 1, retry: 0, generation: 0 };
const SPEC = { seeds: ['http://a/'] };

describe('the control of resources', () => {
  let cluster: Cluster;
  let worker: ScriptedWorker;
  let leader: MasterProcess;
  let follower: MasterProcess;

  beforeAll(async () => {
    cluster = await Cluster.start();
    worker = await ScriptedWorker.start(cluster, '1');
    leader = await cluster.master('1');
    await cluster.leader([leader]);
    follower = await cluster.master('2');
    await cluster.leader();
    await cluster.workersKnown(leader, 1);
    await cluster.workersKnown(follower, 1);
  }, LONG_MS);
  afterAll(async () => {
    worker.stop();
    await cluster.stop();
  });

  /** Known to the follower too when it resolves. */
  const add = async (name: string, spec: object = SPEC): Promise<void> => {
    expect(await leader.rest('POST', '/crawler/resource', { name, spec })).toMatchObject({ status: 200 });
    await until(async () => (await follower.rest('GET', `/crawler/resource/${name}`)).status === 200, {
      what: `the follower knows ${name}`,
    });
  };
  const post = (name: string, verb: string, body?: object, master = follower): Promise<RestAnswer> =>
    master.rest('POST', `/crawler/resource/${name}/${verb}`, body);
  const get = async (name: string) =>
    (await leader.rest('GET', `/crawler/resource/${name}?consistency=strong`)).body;

  /** What etcd has of a resource. */
  async function stored(name: string) {
    const record = await cluster.client.get(keys.resource(name));
    const { id, assignedNode } = decodeResource(record!.value)!;
    const assignment = await cluster.client.get(keys.assignment(assignedNode!.id, name));
    const control = await cluster.client.get(keys.control(name));
    return { record: record!, assignment: assignment!, id, control: decodeControl(control?.value, id) };
  }

  it('pauses and resumes by a follower: with a new epoch, and the very bytes that the record had', async () => {
    await add('pausing');
    const before = await stored('pausing');
    expect(await post('pausing', 'pause')).toMatchObject({
      status: 200,
      body: { name: 'pausing', control: { ...FIRST, paused: true } },
    });
    const paused = await stored('pausing');
    expect(paused.control).toEqual({ ...FIRST, paused: true });
    expect([paused.record.value, paused.assignment.value]).toEqual([
      before.record.value,
      before.record.value,
    ]);
    expect(paused.assignment.modRevision).toBeGreaterThan(before.assignment.modRevision);
    expect(paused.record.modRevision).toBe(paused.assignment.modRevision);

    expect(await post('pausing', 'pause')).toMatchObject({ status: 200 });
    expect((await stored('pausing')).assignment.modRevision).toBe(paused.assignment.modRevision);

    expect(await post('pausing', 'resume')).toMatchObject({ body: { control: FIRST } });
    expect((await stored('pausing')).control).toEqual(FIRST);
    expect(await cluster.disagreements()).toEqual([]);
  });

  it('begins another run, starts over, and asks for failed pages', async () => {
    await add('running');
    await post('running', 'restart');
    expect((await stored('running')).control).toEqual({ ...FIRST, run: 2 });
    await post('running', 'retry');
    expect((await stored('running')).control).toEqual({ ...FIRST, run: 2, retry: 1 });
    expect(await post('running', 'restart', { fromScratch: true })).toMatchObject({
      body: { control: { run: 1, generation: 1 } },
    });
    expect(await get('running')).toMatchObject({
      control: { paused: false, run: 1, retry: 1, generation: 1 },
    });
  });

  it('does once what is asked twice with the same expectation, and refuses what others have overtaken', async () => {
    await add('expected');
    for (const master of [follower, leader, follower]) {
      const answer = await post('expected', 'restart', { expected: FIRST }, master);
      expect(answer).toMatchObject({ status: 200, body: { control: { run: 2 } } });
    }
    await post('expected', 'restart');
    expect(await post('expected', 'restart', { expected: FIRST })).toMatchObject({
      status: 409,
      body: { code: 10, message: 'it has been changed meanwhile: run 3, retry 0, generation 0' },
    });
  });

  it('answers the same over gRPC', async () => {
    await add('by grpc');
    const restarted = await follower.call(proto.ClusterService.restartResource, {
      name: 'by grpc',
      fromScratch: false,
      expected: undefined,
    });
    expect(restarted.control).toEqual({ ...FIRST, run: 2 });
    const paused = await follower.call(proto.ClusterService.pauseResource, { name: 'by grpc' });
    expect(paused.control).toEqual({ ...FIRST, run: 2, paused: true });
  });

  it.each(['pause', 'resume', 'restart', 'retry'])('%s of what is not there is 404', async (verb) => {
    expect(await post('nothing', verb)).toMatchObject({ status: 404, body: { code: 5 } });
  });

  it('lasts when the spec is replaced, and ends with the resource', async () => {
    await add('lasting');
    await post('lasting', 'pause');
    await post('lasting', 'restart');
    await leader.rest('PUT', '/crawler/resource/lasting/spec', { seeds: ['http://b/'] });
    expect((await stored('lasting')).control).toEqual({ ...FIRST, paused: true, run: 2 });

    await leader.rest('DELETE', '/crawler/resource', { name: 'lasting' });
    expect(await cluster.client.get(keys.control('lasting'))).toBeUndefined();
    await add('lasting');
    expect((await stored('lasting')).control).toEqual(FIRST);
  });

  it('survives a foreign program that rewrites the record, and is void for one that it puts in its place', async () => {
    await add('foreign');
    await post('foreign', 'pause');
    const { record } = await stored('foreign');
    await cluster.client.put(keys.resource('foreign'), record.value);
    await until(async () => (await cluster.disagreements()).length === 0, { what: 'the keys agree' });
    expect(await get('foreign')).toMatchObject({ control: { paused: true } });

    const other = { ...decodeResource(record.value)!, id: '42' };
    await cluster.client.put(keys.resource('foreign'), encodeResource(other));
    await until(async () => (await cluster.disagreements()).length === 0, { what: 'the keys agree again' });
    expect(await get('foreign')).toMatchObject({ id: '42', control: FIRST });
    await post('foreign', 'restart');
    expect((await stored('foreign')).control).toEqual({ ...FIRST, run: 2 });
  });

  it('is written by many at once without losing any of it', async () => {
    await add('contended');
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        post('contended', i % 3 === 0 ? 'pause' : 'restart', undefined, i % 2 === 0 ? leader : follower),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect((await stored('contended')).control).toEqual({ ...FIRST, paused: true, run: 41 });
    expect(await cluster.disagreements()).toEqual([]);
  });

  describe('in lists', () => {
    it('are states on demand, of a page of a thousand with one call to its worker', async () => {
      const names = Array.from({ length: 1_000 }, (_, i) => `listed-${String(i).padStart(3, '0')}`);
      await leader.rest('POST', '/crawler/resources', { resources: names.map((name) => ({ name })) });
      worker.states.set('listed-007', 'running').set('listed-008', 'unknown');
      await until(
        async () =>
          (await follower.rest('GET', '/crawler/resource?prefix=listed-')).body['total'] === names.length,
        { what: 'the follower knows them' },
      );
      worker.asked.length = 0;
      const { body } = await follower.rest(
        'GET',
        '/crawler/resource?page_size=1000&prefix=listed-&status=true',
      );
      const resources = body['resources'] as { name: string; task: Record<string, unknown> | null }[];
      const states = new Map(resources.map(({ name, task }) => [name, task]));
      expect(worker.asked).toEqual([1_000]);
      expect(states.get('listed-007')).toMatchObject({
        state: 'running',
        pagesDone: '7',
        pagesPerSecond: 1.5,
      });
      expect(states.get('listed-008')).toMatchObject({
        state: 'pending',
        reason: 'its worker has not taken it up yet',
      });
      expect(resources.filter(({ task }) => task?.['state'] === 'done')).toHaveLength(998);

      const plain = await follower.rest('GET', '/crawler/resource?prefix=listed-00');
      expect(plain.body['resources']).toHaveLength(10);
      expect(worker.asked).toEqual([1_000]);
    });
  });

  it('lists without the states of a worker that never answers', async () => {
    const connections: Socket[] = [];
    const silent = createServer((connection) => connections.push(connection)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const node = await cluster.registerWorker('3', `127.0.0.1:${(silent.address() as AddressInfo).port}`);
    try {
      await cluster.workersKnown(follower, 2);
      // It has the fewest, so it is given this one.
      await cluster.workersKnown(leader, 2);
      await add('on the silent');
      const { body } = await follower.rest('GET', '/crawler/resource?page_size=1000&status=true');
      const resources = body['resources'] as { name: string; nodeId: string; task?: object }[];
      expect(
        new Set(resources.map(({ nodeId, task }) => `${nodeId === node} ${task === undefined}`)),
      ).toEqual(new Set(['true true', 'false false']));
      expect((await follower.rest('GET', `/crawler/resource/on the silent/explain`)).body).toMatchObject({
        state: '',
        cause: 'worker silent',
      });
    } finally {
      silent.close();
      // What nobody reads has no end of its own.
      for (const connection of connections) connection.destroy();
      await cluster.unregisterWorker('3');
      await cluster.workersKnown(follower, 1);
    }
  });

  it('tells why a resource is as it is', async () => {
    const explained = async (name: string) =>
      (await follower.rest('GET', `/crawler/resource/${name}/explain`)).body;
    await add('explained');
    expect(await explained('explained')).toMatchObject({ cause: 'done' });
    worker.states.set('explained', 'running');
    expect(await explained('explained')).toEqual({
      name: 'explained',
      state: 'running',
      cause: 'moving',
      reason: 'It is running: 1.5 pages a second, 0 queued.',
      remedy: '',
    });
    worker.states.set('explained', 'unknown');
    expect(await explained('explained')).toMatchObject({ state: '', cause: 'not taken up' });
    await post('explained', 'pause');
    await until(async () => (await explained('explained'))['cause'] === 'paused', {
      what: 'the follower knows that it is paused',
    });
    expect(await explained('explained')).toMatchObject({
      state: 'paused',
      cause: 'paused',
      remedy: 'Resume it.',
    });
    expect(await follower.rest('GET', '/crawler/resource/nothing/explain')).toMatchObject({ status: 404 });
  });

  describe('items over REST', () => {
    beforeAll(() => add('results'));
    const items = (query = '') => fetch(`http://${follower.http}/crawler/resource/results/items${query}`);

    it('are the file that the worker sends, named by it', async () => {
      let asked: object | undefined;
      worker.exports = (call) => {
        asked = call.request;
        call.write(named('results é.csv', 'text/csv; charset=utf-8'));
        call.write(chunk('a,b\n'));
        call.write(chunk('1,2\n'));
        call.end();
      };
      const answer = await items('?format=csv');
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        200,
        'text/csv; charset=utf-8',
        'a,b\n1,2\n',
      ]);
      expect(answer.headers.get('content-disposition')).toBe(
        `attachment; filename="results__.csv"; filename*=UTF-8''results%20%C3%A9.csv`,
      );
      expect(asked).toMatchObject({ name: 'results', format: 'csv' });
    });

    it('that cannot be had are an answer in JSON', async () => {
      worker.exports = (call) =>
        call.emit('error', failure(status.INVALID_ARGUMENT, 'format is csv, json, jsonl or parquet'));
      const answer = await items('?format=xml');
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { code: 3, message: 'format is csv, json, jsonl or parquet', details: [] },
      ]);
    });

    it('that break off in the middle break the answer off', async () => {
      worker.exports = (call) => {
        call.write(named('results.jsonl', 'application/x-ndjson'));
        call.write(chunk('{}\n'), () => call.emit('error', failure(status.UNAVAILABLE, 'the store is gone')));
      };
      const answer = await items();
      expect(answer.status).toBe(200);
      await expect(answer.text()).rejects.toThrow('terminated');
    });

    it('are taken from the worker only as fast as the caller reads, and no longer than it does', async () => {
      const data = Buffer.alloc(64 * 1024, 'x');
      let written = 0;
      let exporting: ExportCall | undefined;
      worker.exports = (call: ExportCall) => {
        exporting = call;
        call.write(named('results.jsonl', 'application/x-ndjson'));
        const more = (): void => {
          while (!call.cancelled && call.write(chunk(data))) written++;
          if (!call.cancelled) call.once('drain', more);
        };
        more();
      };
      const call = httpRequest(`http://${leader.http}/crawler/resource/results/items`);
      call.end();
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      // Nobody reads: what is on its way fills the sockets' buffers, and then it stands.
      let stood = -1;
      await until(() => (written > 0 && written === stood) || ((stood = written), false), {
        what: 'it stands',
        everyMs: 500,
      });
      expect(stood * data.length).toBeLessThan(64 * 1024 * 1024);

      response.resume();
      await until(() => written > 2 * stood, { what: 'it flows again' });
      response.destroy();
      await until(() => exporting?.cancelled, { what: 'the worker is told that nobody reads any more' });
    });

    it('come from another worker where the first does not know the task', async () => {
      const other = await ScriptedWorker.start(cluster, '2');
      try {
        await cluster.workersKnown(follower, 2);
        worker.exports = (call) => call.emit('error', failure(status.NOT_FOUND, 'no such task'));
        other.exports = (call) => {
          call.write(named('results.jsonl', 'application/x-ndjson'));
          call.write(chunk('{"from":"the other"}\n'));
          call.end();
        };
        expect(await (await items()).text()).toBe('{"from":"the other"}\n');
      } finally {
        await cluster.unregisterWorker('2');
        other.stop();
      }
    });
  });

  it('outlives the leader: each restart that says what it expects happens once', async () => {
    await add('surviving');
    let run = 1;
    const restarts = async (): Promise<void> => {
      while (run < 60) {
        const expected = { ...FIRST, run };
        const answer = await post('surviving', 'restart', { expected });
        if (answer.status === 503) continue;
        expect(answer).toMatchObject({ status: 200, body: { control: { run: run + 1 } } });
        run++;
      }
    };
    const writing = restarts();
    await until(() => run > 10, { what: 'restarts flow' });
    await leader.kill();
    await writing;
    expect((await stored('surviving')).control).toEqual({ ...FIRST, run: 60 });
    expect(await cluster.disagreements()).toEqual([]);
  });

  it('of an unknown hand in the control document is as none', async () => {
    await follower.rest('POST', '/crawler/resource', { name: 'odd', spec: SPEC });
    const { id } = await stored('odd');
    await cluster.client.put(keys.control('odd'), encodeControl({ ...FIRST, run: -5 }, id));
    expect((await follower.rest('GET', '/crawler/resource/odd')).body['control']).toEqual(FIRST);
  });
});
