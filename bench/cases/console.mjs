import { readFileSync } from 'node:fs';
import { EtcdClient, op } from '../../dist/libs/etcd/src/index.js';
import { encodeService, nodeId, registryKey, WORKER_SERVICE } from '../../dist/libs/registry/src/index.js';
import { EventStream } from '../support/event-stream.mjs';
import { median, rate } from '../support/load.mjs';
import { MasterClient } from '../support/master-client.mjs';
import { openConsoles } from '../support/open-consoles.mjs';
import { Lab, until } from '../support/processes.mjs';
import { tellingWorkers } from '../support/telling-workers.mjs';

const CONSOLES = 50;
const ROUNDS = 7;
const ADDS = 15_000;
const WIDTH = 256;
const TASKS = 100_000;

/** What it costs to be looked at, and how soon a page sees what has happened. */
export async function consoles() {
  return [...(await looking()), ...(await manyTasks())];
}

/** One master with workers that tell of a thousand running tasks, and adds with and without consoles, in turns. */
async function looking() {
  const { lab, etcd, http, client, close } = await clusterOf(1_000, 1_000);
  const consoles = openConsoles(http, CONSOLES);
  try {
    let n = 0;
    const adds = () => rate(ADDS, WIDTH, () => client.add(`added-${n++}`));
    await adds();
    await adds();
    const rounds = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await adds();
      await consoles.open();
      const looked = await adds();
      bytes += await consoles.shut();
      rounds.push({ alone, looked });
    }
    const of = (key) => median(rounds.map((round) => round[key]));
    const ratio = median(rounds.map(({ alone, looked }) => looked / alone));
    await consoles.open();
    const delays = await delaysOf(http, etcd, client);
    await consoles.shut();
    return [
      [
        'AddResource through the leader, nobody looks',
        `${Math.round(of('alone')).toLocaleString('en')}/s`,
        '1',
        '',
      ],
      [
        `The same with ${CONSOLES} consoles open on it`,
        `${Math.round(of('looked')).toLocaleString('en')}/s`,
        `${ratio.toFixed(3)}; ${Math.round(bytes / ROUNDS / CONSOLES / 1024)} KiB to each console a round`,
        '> 0.95',
      ],
      ...delays,
    ];
  } finally {
    await consoles.close();
    await close();
    await lab.close();
  }
}

async function delaysOf(http, etcd, client) {
  const events = await EventStream.open(http, '/crawler/event');
  const cluster = await EventStream.open(http, '/crawler/cluster/watch');
  const list = await EventStream.open(http, '/crawler/resources/watch?query=seen-&status=true');
  const took = { event: [], cluster: [], list: [] };
  for (let round = 0; round < 30; round++) {
    const id = String(100 + round);
    const node = nodeId(WORKER_SERVICE, id);
    const from = performance.now();
    const seen = [
      events.when(({ kind, subject }) => kind === 'worker joined' && subject === node),
      cluster.when(({ nodes }) => nodes.some((one) => one.id === node)),
    ];
    await putWorker(etcd, id, '127.0.0.1:9');
    const [event, status] = await Promise.all(seen);
    took.event.push(event.at - from);
    took.cluster.push(status.at - from);
    await etcd.delete(registryKey(WORKER_SERVICE, node));
    await cluster.when(({ nodes }) => nodes.every((one) => one.id !== node));
  }
  for (let round = 0; round < 15; round++) {
    const name = `seen-${round}`;
    // At any time between two messages.
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 1_000));
    const from = performance.now();
    const seen = list.when(({ resources }) => resources.some((one) => one.name === name));
    await client.add(name);
    took.list.push((await seen).at - from);
  }
  for (const stream of [events, cluster, list]) stream.close();
  const row = (what, times, aim) => [
    what,
    `${Math.round(median(times))} ms`,
    `${Math.round(Math.max(...times))} ms at most`,
    aim,
  ];
  return [
    row('From a worker’s record in etcd to its event at a client', took.event, '≤ 300 ms'),
    row('… to the cluster’s status at a client', took.cluster, '≤ 300 ms'),
    row('From AddResource to the task in a list that is open', took.list, '≤ 1,000 ms'),
  ];
}

async function manyTasks() {
  const { lab, http, master, workers, names, close } = await clusterOf(TASKS, 0);
  try {
    const before = memoryOf(master);
    workers.tell(names, 1_000);
    await until(
      async () =>
        (await get(http, 'status=true&pageSize=1')).counts.every(
          ({ state }) => !['', 'pending'].includes(state),
        ),
      60_000,
      'all tasks are told',
    );
    const grown = memoryOf(master) - before;
    const asked = {
      'first page, by name, with counts': ['status=true'],
      'the first page in an order that nobody has asked for': SORTS.map((sort) => `status=true&sort=${sort}`),
      'a page at 99,900 of that order': SORTS.map((sort) => `status=true&sort=${sort}&offset=99900`),
      'names that have a text in them': ['0999', '1234', '7777', '4711'].map(
        (text) => `status=true&query=${text}`,
      ),
    };
    const rows = [];
    for (const [what, queries] of Object.entries(asked)) {
      const times = [];
      for (const query of queries) {
        const from = performance.now();
        await get(http, query);
        times.push(performance.now() - from);
      }
      rows.push([
        `${TASKS.toLocaleString('en')} tasks: ${what}`,
        `${Math.round(median(times))} ms`,
        times.length > 1 ? `${Math.round(Math.max(...times))} ms at most` : '',
        '',
      ]);
    }
    const held = await heldUp(http);
    rows.push([
      `${TASKS.toLocaleString('en')} tasks: answer of /livez while orders are made`,
      `${median(held).toFixed(1)} ms`,
      `${Math.round(Math.max(...held))} ms at most`,
      '≤ 20 ms beyond',
    ]);
    rows.push([
      'Memory that the tasks’ states take in a master',
      `${Math.round(grown / 1024)} MiB`,
      '',
      '< 100 MB',
    ]);
    return rows;
  } finally {
    await close();
    await lab.close();
  }
}

const SORTS = ['-items', 'done', '-queued', 'failed', 'error', '-rate', 'state', 'worker'];

/** How long a call takes that has nothing to do with lists, while one order after the other is made. */
async function heldUp(http) {
  const making = { isOver: false };
  const orders = (async () => {
    for (const sort of SORTS) await get(http, `status=true&sort=${sort}&prefix=task-`);
    making.isOver = true;
  })();
  const times = [];
  while (!making.isOver) {
    const from = performance.now();
    await (await fetch(`http://${http}/livez`)).text();
    times.push(performance.now() - from);
  }
  await orders;
  return times;
}

/** An etcd, a master that leads, and three workers that have so many tasks and tell of them. */
async function clusterOf(count, busy) {
  const lab = new Lab();
  const endpoint = await lab.etcd();
  const etcd = new EtcdClient({ endpoints: [endpoint], requestTimeoutMs: 30_000 });
  const workers = await tellingWorkers(3);
  const nodes = workers.addresses.map((address, n) => ({
    id: nodeId(WORKER_SERVICE, String(n + 1)),
    address,
  }));
  for (const [n, { address }] of nodes.entries()) await putWorker(etcd, String(n + 1), address);
  const names = nodes.map(() => []);
  const all = Array.from({ length: count }, (_, i) => `task-${String(i).padStart(6, '0')}`);
  all.forEach((name, i) => names[i % nodes.length].push(name));
  const perTxn = 60;
  await rate(Math.ceil(count / perTxn), 8, (n) => {
    const ops = all.slice(n * perTxn, (n + 1) * perTxn).flatMap((name, i) => {
      const at = n * perTxn + i;
      const { id, address } = nodes[at % nodes.length];
      const record = `{"ID":"${1_700_000_000_000_000_000n + BigInt(at)}","Name":"${name}","AssignedNode":"${id}|${address}","CreationTime":1675470192274320000}`;
      return [op.put(`/resources/${name}`, record), op.put(`/orbweaver/assignments/${id}/${name}`, record)];
    });
    return etcd.txn({ success: ops });
  });
  const master = await lab.master('1', endpoint);
  const client = new MasterClient(master.ready.grpc);
  await until(async () => (await client.masters()).leader?.value, 60_000, 'a leader');
  if (busy > 0) workers.tell(names, busy);
  return {
    lab,
    etcd,
    http: master.ready.http,
    master,
    workers,
    names,
    client,
    close: async () => {
      client.close();
      etcd.close();
      await workers.close();
    },
  };
}

function putWorker(etcd, id, address) {
  const node = nodeId(WORKER_SERVICE, id);
  const nodes = [{ id: node, address, metadata: {} }];
  const record = { name: WORKER_SERVICE, version: 'latest', metadata: null, endpoints: null, nodes };
  return etcd.put(registryKey(WORKER_SERVICE, node), encodeService(record));
}

async function get(http, query) {
  const answer = await fetch(`http://${http}/crawler/resource?${query}`);
  if (!answer.ok) throw new Error(`${query}: ${answer.status}`);
  return answer.json();
}

/** Resident, in KiB. */
function memoryOf({ child }) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]);
}
