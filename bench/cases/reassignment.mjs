import { EtcdClient } from '../../dist/libs/etcd/src/index.js';
import { MasterClient } from '../support/master-client.mjs';
import { Lab, until } from '../support/processes.mjs';
import { putWorkerRecord } from '../support/worker-record.mjs';

const RESOURCES = 10_000;

/** From the end of a killed worker's lease (its record disappears) to the last of its resources' moves, as etcd's watch shows them. */
export async function reassignment() {
  const lab = new Lab();
  const stop = new AbortController();
  try {
    const endpoint = await lab.etcd();
    const etcd = new EtcdClient({ endpoints: [endpoint] });
    const doomed = await lab.worker('1', endpoint, ['--register-ttl=5s', '--register-interval=1s']);
    const master = await lab.master('1', endpoint);
    const client = new MasterClient(master.ready.grpc);
    await until(async () => (await client.nodes()).nodes.length === 1, 20_000, 'a worker');
    for (let n = 0; n < RESOURCES; n += 500) {
      await client.addAll(Array.from({ length: 500 }, (_, i) => `resource-${n + i}`));
    }
    // The second worker joins so late that its share is still to come: what moves is what the dead one had.
    await putWorkerRecord(etcd, '2');
    const prefix = '/orbweaver/assignments/go.micro.server.worker-2/';
    let leaseEnd;
    let arrived = await etcd.count(prefix);
    const revision = (await etcd.put('/bench/now', '1')).revision;
    const watch = (target, onBatch) => void follow(etcd, target, revision, stop.signal, onBatch);
    watch('/micro/registry/go.micro.server.worker/', (batch) => {
      if (batch.events.some((event) => event.type === 'delete')) leaseEnd = performance.now();
    });
    let lastMove;
    watch(prefix, (batch) => {
      arrived += batch.events.filter(
        (e) => e.type === 'put' && e.kv.createRevision === e.kv.modRevision,
      ).length;
      lastMove = performance.now();
    });
    doomed.child.kill('SIGKILL');
    await until(async () => arrived >= RESOURCES, 60_000, `all moved (${arrived} of ${RESOURCES})`);
    etcd.close();
    client.close();
    return [
      [
        `Worker killed with ${RESOURCES.toLocaleString('en')} resources: all moved after its lease's end`,
        `${Math.round(lastMove - leaseEnd)} ms`,
        '',
        '≤ 1,000 ms',
      ],
    ];
  } finally {
    stop.abort();
    await lab.close();
  }
}

async function follow(etcd, prefix, revision, signal, onBatch) {
  try {
    for await (const batch of etcd.watch({ prefix }, { fromRevision: revision, signal })) onBatch(batch);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
