import { numberArray } from '../arrays.js';
import type { Call, Statement } from '../database.js';

const FIRST = 'FROM queue WHERE queue.crawl = $1 AND queue.host = known.host';

/**
 * Where the queues of these pages' hosts begin, after the pages were settled or postponed. A queue begins no earlier
 * than it did: what is discovered further to the front has moved its beginning there already.
 */
const MOVE_ON: Statement = {
  name: 'move_on',
  text: `
  UPDATE crawl_host AS known SET
    (urgency, depth, seq) = (
      SELECT urgency, depth, seq ${FIRST} AND due_at = 0
        AND (urgency, depth, seq) >= (known.urgency, known.depth, known.seq)
      ORDER BY urgency, depth, seq LIMIT 1
    ),
    due_at = (SELECT due_at ${FIRST} AND due_at > 0 ORDER BY due_at LIMIT 1)
  WHERE crawl = $1 AND host = ANY(ARRAY(
    SELECT host FROM page WHERE crawl = $1 AND seq = ANY($2::bigint[])
    UNION
    SELECT host FROM queue WHERE crawl = $1 AND seq = ANY($2::bigint[])
  ))`,
};

export function moveOn(crawlId: number, seqs: readonly number[]): Call {
  return [MOVE_ON, crawlId, numberArray(seqs)];
}
