import type { Client } from './client.js';
import { age } from '../output/times.js';

export async function leader({ api, output }: Client): Promise<void> {
  const answer = await api.masters();
  const { leader, masters } = answer;
  await output.show(answer, (colours) => ({
    head: ['MASTER', 'ADDRESS', 'ROLE', 'TERM', 'LEADS SINCE'],
    rows: masters.map(({ id, address, leader: leads }) => [
      id,
      address,
      leads ? colours.green('leader') : 'follower',
      leads ? (leader?.term ?? '') : '',
      leads && leader?.since !== undefined ? `${leader.since} (${age(leader.since)})` : '',
    ]),
    empty: 'No master is registered.',
  }));
  if (leader === undefined || leader.value === '')
    output.remark('Nobody leads at present; try again in a moment.');
}
