import { median } from '../support/load.mjs';
import { MasterClient } from '../support/master-client.mjs';
import { Lab, until } from '../support/processes.mjs';

const ROUNDS = 3;

/** From the signal to the leader until an add through another master succeeds; that master is asked without pause. */
export async function failover() {
  const killed = [];
  const asked = [];
  for (let round = 0; round < ROUNDS; round++) {
    killed.push(await once('SIGKILL'));
    asked.push(await once('SIGTERM'));
  }
  const ms = (values) => `${Math.round(median(values))} ms`;
  return [
    ['Leader killed with -9, election TTL 5 s', ms(killed), '', '≤ 6,000 ms'],
    ['Leader asked to stop (SIGTERM)', ms(asked), '', '≤ 300 ms'],
  ];
}

async function once(signal) {
  const lab = new Lab();
  try {
    const etcd = await lab.etcd();
    await lab.worker('1', etcd);
    const leader = await lab.master('1', etcd);
    const first = new MasterClient(leader.ready.grpc);
    await until(async () => (await first.masters()).leader?.value, 20_000, 'a leader');
    const other = await lab.master('2', etcd);
    const second = new MasterClient(other.ready.grpc);
    await until(() => second.add('before'), 20_000, 'an add through the follower');
    const from = performance.now();
    leader.child.kill(signal);
    let n = 0;
    await until(() => second.add(`after-${n++}`), 30_000, 'an add after the failover', 5);
    const took = performance.now() - from;
    first.close();
    second.close();
    return took;
  } finally {
    await lab.close();
  }
}
