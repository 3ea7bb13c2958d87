import { EtcdClient } from '../../dist/libs/etcd/src/index.js';
import { median, rate } from '../support/load.mjs';
import { MasterClient } from '../support/master-client.mjs';
import { Lab, until } from '../support/processes.mjs';
import { putWorkerRecord } from '../support/worker-record.mjs';

const WIDTH = 256;
const ROUNDS = 5;
const ADDS = 8_000;
const BATCH = 200;

/**
 * Durable, fenced adds beside plain puts of one key each, from the same process to the same etcd, in turns:
 * the machine's speed drifts, so each round gives its own ratio and the median counts.
 */
export async function addResource() {
  const lab = new Lab();
  try {
    const endpoint = await lab.etcd();
    const etcd = new EtcdClient({ endpoints: [endpoint] });
    for (const id of ['1', '2', '3']) await putWorkerRecord(etcd, id);
    const first = await lab.master('1', endpoint);
    const leader = new MasterClient(first.ready.grpc);
    await until(async () => (await leader.masters()).leader?.value, 20_000, 'a leader');
    const second = await lab.master('2', endpoint);
    const follower = new MasterClient(second.ready.grpc);
    await until(async () => (await leader.nodes()).nodes.length === 3, 20_000, 'three workers');
    await until(
      async () => (await follower.masters()).leader?.value,
      20_000,
      'the follower knows the leader',
    );

    const value = 'x'.repeat(150);
    const names = new Counter();
    const kinds = {
      'etcd put': () => rate(ADDS, WIDTH, () => etcd.put(`/bench/${names.next()}`, value)),
      leader: () => rate(ADDS, WIDTH, () => leader.add(`leader-${names.next()}`)),
      follower: () => rate(ADDS, WIDTH, () => follower.add(`follower-${names.next()}`)),
      batch: async () =>
        BATCH *
        (await rate((ADDS * 4) / BATCH, 8, () =>
          leader.addAll(Array.from({ length: BATCH }, () => `batch-${names.next()}`)),
        )),
    };
    for (const measure of Object.values(kinds)) await measure();
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const figures = {};
      for (const [kind, measure] of Object.entries(kinds)) figures[kind] = await measure();
      rounds.push(figures);
    }
    etcd.close();
    leader.close();
    follower.close();
    return rows(rounds);
  } finally {
    await lab.close();
  }
}

function rows(rounds) {
  const of = (kind) => median(rounds.map((figures) => figures[kind]));
  const ratio = (kind, to) => median(rounds.map((figures) => figures[kind] / figures[to]));
  const perSecond = (kind) => `${Math.round(of(kind)).toLocaleString('en')}/s`;
  return [
    ['etcd put, one key, 256 in flight (Node)', perSecond('etcd put'), '1', ''],
    ['AddResource through the leader', perSecond('leader'), ratio('leader', 'etcd put').toFixed(2), '≥ 1'],
    [
      'AddResource through a follower, to the leader',
      perSecond('follower'),
      `${ratio('follower', 'leader').toFixed(2)} of the leader`,
      '≥ 0.7',
    ],
    ['AddResources, 200 a call', perSecond('batch'), ratio('batch', 'leader').toFixed(2), '≥ 5 × one by one'],
  ];
}

class Counter {
  #run = Math.random().toString(36).slice(2, 8);
  #next = 0;

  next() {
    return `${this.#run}-${this.#next++}`;
  }
}
