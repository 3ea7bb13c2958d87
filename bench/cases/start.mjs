import { median } from '../support/load.mjs';
import { Lab } from '../support/processes.mjs';

/** From the start of the process to its `ready` line. */
export async function start() {
  const lab = new Lab();
  try {
    const etcd = await lab.etcd();
    const masters = [];
    const workers = [];
    for (let n = 1; n <= 5; n++) {
      masters.push((await lab.master(String(n), etcd)).startedMs);
      workers.push((await lab.worker(String(n), etcd)).startedMs);
    }
    const ms = (values) => `${Math.round(median(values))} ms`;
    return [
      ['Master, start to ready', ms(masters), '', '≤ 1,500 ms'],
      ['Worker, start to ready', ms(workers), '', '≤ 1,500 ms'],
    ];
  } finally {
    await lab.close();
  }
}
