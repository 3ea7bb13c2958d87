import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cluster as proto } from '@app/proto';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { WorkerProcess } from './worker-process.js';

describe('the time line of a cluster', () => {
  let cluster: Cluster;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
    await cluster.stop();
  });

  async function remembered(master: MasterProcess): Promise<proto.ClusterEvent[]> {
    return (await master.call(proto.ClusterService.listEvents, {})).events;
  }

  /** The event of that kind and subject, as soon as that master remembers one. */
  function told(master: MasterProcess, kind: string, subject: string): Promise<proto.ClusterEvent> {
    return until(
      async () =>
        (await remembered(master)).find((event) => event.kind === kind && event.subject === subject),
      { what: `${master.http} tells: ${kind} ${subject}` },
    );
  }

  /** The id of the first event that is told after that one. */
  async function idAfter(master: MasterProcess, id: string): Promise<string | undefined> {
    const gone = new AbortController();
    const answer = await fetch(`http://${master.http}/crawler/event`, {
      signal: gone.signal,
      headers: { 'last-event-id': id },
    });
    let text = '';
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      const found = /^data: (.*)\n/m.exec(text)?.[1];
      if (found !== undefined) {
        gone.abort();
        return (JSON.parse(found) as { id: string }).id;
      }
    }
    return undefined;
  }

  it('goes on through a restart of one master after the other, and each thing stands in it once', async () => {
    let masters = [await cluster.master('1'), await cluster.master('2')];
    await cluster.leader(masters);
    const first = await cluster.registerWorker('1');
    const joined = await told(masters[1]!, 'worker joined', first);
    await told(masters[0]!, 'worker joined', first);

    for (const id of ['1', '2']) {
      const [old, other] = masters as [MasterProcess, MasterProcess];
      await old.stop();
      const next = await cluster.master(id);
      masters = [other, next];
      await cluster.leader(masters);
      expect((await told(next, 'worker joined', first)).message).toBe(joined.message);
    }

    const [one, two] = masters as [MasterProcess, MasterProcess];
    const second = await cluster.registerWorker('2');
    const last = await told(one, 'worker joined', second);
    await told(two, 'worker joined', second);
    const events = await remembered(one);
    // The first of the two took it over from the second as it was then, which is gone by now.
    expect(events.filter(({ id }) => id === joined.id)).toHaveLength(1);
    const elections = events.filter(({ kind }) => kind === 'leader elected').map(({ message }) => message);
    expect(elections.length).toBeGreaterThan(1);
    expect(new Set(elections).size).toBe(elections.length);
    expect(events.filter(({ kind }) => kind === 'worker joined')).toHaveLength(2);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);

    const at = events.findIndex(({ id }) => id === joined.id);
    expect(await idAfter(one, joined.id)).toBe(events[at + 1]?.id);
    const before = events[events.findIndex(({ id }) => id === last.id) - 1];
    expect(await idAfter(one, before!.id)).toBe(last.id);
  });

  it('tells of runs that failed, and why, not again of those that a new worker takes up', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'orbweaver-time-line-'));
    ends.push(() => rm(directory, { recursive: true, force: true }));
    const site = await Site.start(1);
    ends.push(() => site.stop());
    site.status = () => 404;
    const master = await cluster.master('1');
    await cluster.leader();
    const start = async (id: string): Promise<WorkerProcess> => {
      const flags = [`--etcd=${cluster.etcd.endpoint}`, `--data-dir=${join(directory, 'data')}`];
      const worker = await WorkerProcess.start(id, ...flags, '--allow-private');
      ends.push(() => worker.kill());
      return worker;
    };
    const failures = async (): Promise<string[]> =>
      (await remembered(master)).filter(({ kind }) => kind === 'run failed').map(({ message }) => message);
    const why = `no page went well: ${site.url}: HTTP 404.`;

    const first = await start('1');
    const spec = { seeds: [site.url] };
    const added = await master.rest('POST', '/crawler/resource?pending=true', { name: 'books', spec });
    expect(added.status).toBe(200);
    await told(master, 'run failed', 'books');
    expect(await failures()).toEqual([`books failed: ${why}`]);
    await first.stop();

    const second = await start('1');
    const state = async (): Promise<unknown> =>
      (await master.rest('GET', '/crawler/resource/books')).body['task'];
    await until(async () => ((await state()) as { state?: string } | undefined)?.state === 'failed', {
      what: `${second.nodeId} knows that it failed`,
    });
    const restarted = await master.rest('POST', '/crawler/resource/books/restart');
    expect(restarted.status).toBe(200);
    // Had it been told again before, this one would be the third.
    await until(async () => (await failures()).length > 1, { what: 'the second failure is told' });
    expect(await failures()).toEqual([`books failed: ${why}`, `books failed, 2 times in a row: ${why}`]);
  });
});
