import { status } from '@grpc/grpc-js';
import type { worker as proto } from '@app/proto';
import { until } from '../support/until.js';
import { Cluster } from './cluster.js';
import type { MasterProcess } from './master-process.js';
import { failure, type LogCall, ScriptedWorker } from './scripted-worker.js';

const LONG_MS = 180_000;

/** A log that several workers read, as of a store that they share. */
class SharedLog {
  readonly open = new Set<LogCall>();
  /** Of each call so far. */
  readonly asked: proto.ReadLogRequest[] = [];
  private readonly lines: proto.LogLine[] = [];

  write(count: number): void {
    for (let n = 0; n < count; n++) {
      const number = BigInt(this.lines.length + 1);
      const line = { number, at: new Date(), level: 'info', message: `line ${number}`, fields: '' };
      this.lines.push({ ...line, at: undefined, nodeId: 'w', epoch: 1n, traceId: '' });
    }
    for (const call of this.open) call.write({ lines: this.lines.slice(-count) });
  }

  readonly read = (call: LogCall): void => {
    const { after, tail, follow } = call.request;
    this.asked.push(call.request);
    const kept = this.lines.filter(({ number }) => number > after).slice(tail === 0 ? 0 : -tail);
    if (kept.length > 0) call.write({ lines: kept });
    if (!follow) return void call.end();
    this.open.add(call);
    call.once('cancelled', () => this.open.delete(call));
  };
}

describe('the log of a task, through a master', () => {
  let cluster: Cluster;
  let master: MasterProcess;
  let log: SharedLog;
  let workers: ScriptedWorker[];
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start();
    master = await cluster.master('1');
    await cluster.leader();
    log = new SharedLog();
    workers = [await ScriptedWorker.start(cluster, '1')];
    await cluster.workersKnown(master, 1);
    await master.add('shop');
    workers.push(await ScriptedWorker.start(cluster, '2'));
    await cluster.workersKnown(master, 2);
    for (const worker of workers) worker.logs = log.read;
  });
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
    for (const worker of workers) worker.stop();
    await cluster.stop();
  });

  /** The numbers that are told, and whether that has ended. */
  async function read(query: string, headers: Record<string, string> = {}) {
    const gone = new AbortController();
    const answer = await fetch(`http://${master.http}/crawler/resource/shop/log?${query}`, {
      signal: gone.signal,
      headers,
    });
    const told = { status: answer.status, numbers: [] as number[], ids: [] as number[], end: '' };
    const reading = (async () => {
      let text = '';
      for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
        const events = (text += part).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          if (event.startsWith('event: end')) told.end = 'whole';
          const data = /^data: (.*)$/m.exec(event)?.[1];
          const { lines = [] } = JSON.parse(data ?? '{}') as { lines?: { number: string }[] };
          told.numbers.push(...lines.map(({ number }) => Number(number)));
          told.ids.push(...(/^id: (.*)$/m.exec(event) ?? []).slice(1).map(Number));
        }
      }
    })()
      .catch(() => undefined)
      .finally(() => (told.end ||= 'cut off'));
    const leave = async (): Promise<void> => {
      gone.abort();
      await reading;
    };
    ends.push(leave);
    return { told, leave };
  }

  const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, n) => n + from);

  it(
    'goes on with another worker when one dies, without a line lost or told twice',
    async () => {
      log.write(5);
      const { told } = await read('follow=true');
      await until(() => told.numbers.length === 5 && log.open.size === 1, { what: 'what is kept is told' });
      log.write(3);
      await until(() => told.numbers.length === 8, { what: 'what comes is told' });

      workers[0]?.stop();
      log.write(4);
      await until(() => told.numbers.length === 12, { what: 'the other worker tells on' });
      log.write(1);
      await until(() => told.numbers.length === 13, { what: 'it is followed there' });
      expect(told.numbers).toEqual(upTo(13));
      expect(told.ids.at(-1)).toBe(13);
    },
    LONG_MS,
  );

  it(
    'is waited for while no worker answers',
    async () => {
      const { told } = await read('follow=true&tail=2');
      await until(() => log.open.size === 1, { what: 'it is followed' });
      for (const worker of workers) worker.stop();
      log.write(5);
      await cluster.unregisterWorker('1');
      await cluster.unregisterWorker('2');
      await cluster.workersKnown(master, 0);
      workers = [await ScriptedWorker.start(cluster, '3')];
      for (const worker of workers) worker.logs = log.read;
      await until(() => told.numbers.length === 5, { what: 'the new worker tells' });
      expect(told.numbers).toEqual(upTo(5));
    },
    LONG_MS,
  );

  it(
    'is told from the line on that the caller has seen, and ends when it is not followed',
    async () => {
      log.write(9);
      const last = await read('tail=3');
      await until(() => last.told.end !== '', { what: 'it ends' });
      expect(last.told).toMatchObject({ numbers: [7, 8, 9], end: 'whole' });
      const again = await read('', { 'last-event-id': '4' });
      await until(() => again.told.end !== '', { what: 'it ends' });
      expect(again.told).toMatchObject({ numbers: [5, 6, 7, 8, 9], end: 'whole' });
    },
    LONG_MS,
  );

  it(
    'is read no more when its caller goes, and ends when its task is deleted',
    async () => {
      const one = await read('follow=true');
      const other = await read('follow=true');
      await until(() => log.open.size === 2, { what: 'both follow' });
      await one.leave();
      await until(() => log.open.size === 1, { what: 'the one is read no more' });
      await master.remove('shop');
      await until(() => other.told.end !== '' && log.open.size === 0, { what: 'the other ends' });
      expect(other.told.end).toBe('whole');
    },
    LONG_MS,
  );

  it(
    'is cut off when its master stops, which waits for no reader',
    async () => {
      const { told } = await read('follow=true');
      await until(() => log.open.size === 1, { what: 'it is followed' });
      await master.stop();
      await until(() => told.end !== '', { what: 'it ends' });
      expect(told.end).toBe('cut off');
      const late = master.logged('a step of stopping failed').filter(({ step }) => step === 'http');
      expect(late).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'that nobody knows is not found',
    async () => {
      for (const worker of workers) worker.logs = (call) => void call.emit('error', unknown());
      const { status: code, body } = await master.rest('GET', '/crawler/resource/none/log');
      expect([code, body.message]).toEqual([404, 'no such task']);
      expect((await read('after=-1')).told.status).toBe(400);
    },
    LONG_MS,
  );

  function unknown(): Error {
    return Object.assign(new Error(), failure(status.NOT_FOUND, 'no such task'));
  }
});
