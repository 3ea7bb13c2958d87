import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { call, Store } from '../support/stores.mjs';
import { median, rate } from '../support/load.mjs';

const ROUNDS = 5;
const VALUE = Buffer.alloc(100, 'v');
const key = (n) => Buffer.from(`key-${String(n).padStart(8, '0')}`);
const put = (n) => ({ key: key(n), value: VALUE });

/** The embedded store beside etcd, turn by turn: both durable, on the same disk, with the same client. */
export async function store() {
  const stores = [new Store('embedded'), new Store('etcd')];
  try {
    return [
      ...(await starts(stores)),
      ...(await writes(stores)),
      ...(await watches(stores)),
      ...(await restarts(stores)),
    ];
  } finally {
    for (const each of stores) {
      await each.stop('SIGKILL').catch(() => undefined);
      each.remove();
    }
  }
}

async function starts(stores) {
  const took = await turns(stores, async (each) => {
    const ms = await each.start();
    await each.stop();
    each.remove();
    return ms;
  });
  for (const each of stores) await each.start();
  const bare = [];
  for (let round = 0; round < ROUNDS; round++) bare.push(await bareNodeMs());
  const note = `of ours, Node itself ${median(bare).toFixed(0)} ms`;
  return [
    row('Start of an empty store, until the first answer', took, 'ms', note, 'below 100 ms beside Node'),
  ];
}

/** What a process of Node takes before it runs a line of a program. */
async function bareNodeMs() {
  const from = performance.now();
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("x")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const took = performance.now() - from;
  await once(child, 'exit');
  return took;
}

async function writes(stores) {
  const clients = new Map(stores.map((each) => [each, each.client('KV')]));
  const rows = [];
  for (const [what, width, total, request] of [
    ['Puts, 1 in flight', 1, 500, put],
    ['Puts, 256 in flight', 256, 10_000, put],
  ]) {
    const used = new Map(stores.map((each) => [each, []]));
    const rates = await turns(stores, async (each) => {
      const before = each.usage().cpu;
      const result = await rate(total, width, (n) => call(clients.get(each), 'put', request(n)));
      used.get(each).push(((each.usage().cpu - before) * 1e6) / total);
      return result;
    });
    const cpu = stores.map((each) => median(used.get(each)).toFixed(0)).join(' against ');
    rows.push(row(what, rates, '/s', `${cpu} µs of the server's processor time a put`, 'at least 1.0'));
  }
  const perTxn = 100;
  const txn = (n) => ({
    success: Array.from({ length: perTxn }, (_, i) => ({ requestPut: put(n * perTxn + i) })),
  });
  const txns = await turns(stores, async (each) => {
    return perTxn * (await rate(200, 32, (n) => call(clients.get(each), 'txn', txn(n))));
  });
  rows.push(row(`Puts in transactions of ${perTxn}, 32 in flight`, txns, '/s', '', ''));
  for (const client of clients.values()) client.close();
  return rows;
}

/** 100 watches on each of 10 connections see every put. */
async function watches(stores) {
  const [streams, each100, puts] = [10, 100, 200];
  const rates = await turns(
    stores,
    async (each) => {
      const kv = each.client('KV');
      const clients = Array.from({ length: streams }, () => each.client('Watch'));
      let [created, told] = [0, 0];
      let done;
      const finished = new Promise((resolve) => (done = resolve));
      const open = clients.map((client) => {
        const stream = client.watch();
        stream.on('error', () => undefined);
        stream.on('data', (answer) => {
          if (answer.created) created++;
          told += answer.events?.length ?? 0;
          if (told === streams * each100 * puts) done();
        });
        const request = { key: Buffer.from('key-'), rangeEnd: Buffer.from('key.') };
        for (let i = 0; i < each100; i++) stream.write({ createRequest: request });
        return stream;
      });
      while (created < streams * each100) await new Promise((resolve) => setTimeout(resolve, 5));
      const from = performance.now();
      await Promise.all([rate(puts, 16, (n) => call(kv, 'put', put(n))), finished]);
      const result = (streams * each100 * puts * 1000) / (performance.now() - from);
      open.forEach((stream) => stream.cancel());
      for (const client of [kv, ...clients]) client.close();
      return result;
    },
    3,
  );
  return [row('Events told to 1,000 watches on 10 streams', rates, '/s', '', '')];
}

async function restarts(stores) {
  for (const each of stores) {
    const kv = each.client('KV');
    const txn = (n) => ({
      success: Array.from({ length: 100 }, (_, i) => ({ requestPut: put(n * 100 + i) })),
    });
    await rate(1000, 16, (n) => call(kv, 'txn', txn(n)));
    kv.close();
  }
  const took = await turns(stores, async (each) => {
    await each.stop('SIGKILL');
    return each.start();
  });
  const memory = stores.map((each) => `${each.usage().rss.toFixed(0)} MiB`).join(' against ');
  return [row('Start with 100,000 keys after a crash', took, 'ms', memory, '')];
}

/** What `measure` gives for each store, again and again in turns, so that both have the machine's good and bad times. */
async function turns(stores, measure, rounds = ROUNDS) {
  const results = new Map(stores.map((each) => [each, []]));
  for (let round = 0; round < rounds; round++) {
    for (const each of stores) results.get(each).push(await measure(each));
  }
  return stores.map((each) => median(results.get(each)));
}

function row(what, [embedded, etcd], unit, note, aim) {
  const number = (value) => Math.round(value).toLocaleString('en');
  const ratio = `${(embedded / etcd).toFixed(2)} of etcd`;
  return [
    what,
    `${number(embedded)} ${unit}; etcd ${number(etcd)} ${unit}`,
    note ? `${ratio}; ${note}` : ratio,
    aim,
  ];
}
