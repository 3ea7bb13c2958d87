import { readFileSync } from 'node:fs';
import { EtcdClient, op } from '../../dist/libs/etcd/src/index.js';
import { rate } from '../support/load.mjs';
import { MasterClient } from '../support/master-client.mjs';
import { Lab, until } from '../support/processes.mjs';

/** A leader that starts over a store with many resources: from the start of the process until it takes a write. */
export async function load(sizes = [100_000, 1_000_000]) {
  const rows = [];
  for (const size of sizes) rows.push(await once(size));
  return rows;
}

async function once(size) {
  const lab = new Lab();
  try {
    const endpoint = await lab.etcd();
    const etcd = new EtcdClient({ endpoints: [endpoint], requestTimeoutMs: 30_000 });
    const worker = await lab.worker('1', endpoint, ['--register-ttl=600s']);
    const node = { id: 'go.micro.server.worker-1', address: worker.ready.grpc };
    // The worker would start to crawl: it is stopped, its record stays for as long as its lease.
    worker.child.kill('SIGSTOP');
    const perTxn = 60;
    await rate(Math.ceil(size / perTxn), 8, (n) => {
      const ops = [];
      for (let i = n * perTxn; i < Math.min(size, (n + 1) * perTxn); i++) {
        const name = `resource-${String(i).padStart(8, '0')}`;
        const record = `{"ID":"${1_700_000_000_000_000_000n + BigInt(i)}","Name":"${name}","AssignedNode":"${node.id}|${node.address}","CreationTime":1675470192274320000}`;
        ops.push(
          op.put(`/resources/${name}`, record),
          op.put(`/orbweaver/assignments/${node.id}/${name}`, record),
        );
      }
      return etcd.txn({ success: ops });
    });
    etcd.close();
    const from = performance.now();
    const master = await lab.master('1', endpoint);
    const client = new MasterClient(master.ready.grpc);
    let n = 0;
    await until(() => client.add(`first-${n++}`), 120_000, 'the leader takes a write', 10);
    const took = performance.now() - from;
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${master.child.pid}/status`, 'utf8'));
    client.close();
    const limit = size > 100_000 ? '≤ 30 s, < 1 GiB' : '≤ 3 s';
    return [
      `Leader starts over ${size.toLocaleString('en')} resources, first write done`,
      `${(took / 1000).toFixed(1)} s`,
      peak ? `${Math.round(Number(peak[1]) / 1024)} MiB at the peak` : '',
      limit,
    ];
  } finally {
    await lab.close();
  }
}
