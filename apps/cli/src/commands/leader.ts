import type { Client } from './client.js';
import { age } from '../output/times.js';

export async function leader({ api, output }: Client): Promise<void> {
  const answer = await api.masters();
  const { leader, masters, lastEnd } = answer;
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
  if (lastEnd !== undefined) {
    const { value, term, at, reason } = lastEnd;
    const when = at === undefined ? '' : `, ${age(at)} ago`;
    output.remark(`The last end of a term was that of ${value}, term ${term}${when}: ${reason}`);
  }
}
