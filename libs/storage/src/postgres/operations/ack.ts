import type { AckAnswer, AckBatch, Claim, PageResult } from '@app/crawl';
import { numberArray, storable } from '../arrays.js';
import type { Call, Database, Row, Statement } from '../database.js';
import { STALE_STATE } from '../store-error.js';
import { discover } from './discover.js';
import { hold, stateOf } from './hold.js';
import { moveOnOfPages } from './move-on.js';
import { postpone } from './postpone.js';
import { settle } from './settle.js';

const EXPECT: Statement = { name: 'expect', text: 'SELECT expect($1, $2, $3)' };
const REMEMBER: Statement = { name: 'remember', text: 'UPDATE crawl SET memory = $2 WHERE id = $1' };
const ANSWER: Statement = {
  name: 'answer',
  text: 'SELECT greatest(0, max_pages - queued_count - done_count - failed_count) AS room, item_count FROM crawl WHERE id = $1',
};

/**
 * One round trip. That results are for another attempt than their page's present one is rare (an answer was lost on
 * the way, and the batch is repeated): then the transaction fails, names them, and is tried without them.
 */
export async function ack(database: Database, claim: Claim, batch: AckBatch): Promise<AckAnswer> {
  let results = firstOfEach(batch.results);
  for (;;) {
    try {
      const answers = await database.transaction(calls(claim, results, batch.memory));
      const [row] = answers.at(-1) as [Row];
      return { room: row.room as number, itemCount: row.item_count as number };
    } catch (error) {
      const state = stateOf(error);
      if (state?.code !== STALE_STATE) throw error;
      const stale = new Set(JSON.parse(state.detail ?? '[]') as number[]);
      results = results.filter(({ seq }) => !stale.has(seq));
    }
  }
}

function calls(claim: Claim, results: readonly PageResult[], memory: string | undefined): Call[] {
  const { crawlId } = claim;
  const again = results.filter(({ state }) => state === 'retry');
  const over = results.filter(({ state }) => state !== 'retry');
  const redirectCount = over.filter(({ state }) => state === 'redirected').length;
  const seqs = results.map(({ seq }) => seq);
  const attempts = results.map(({ attempt }) => attempt);
  return [
    hold(claim),
    ...(results.length > 0
      ? ([[EXPECT, crawlId, numberArray(seqs), numberArray(attempts)]] satisfies Call[])
      : []),
    ...discover(
      crawlId,
      results.flatMap(({ discovered }) => discovered),
      redirectCount,
    ),
    ...(again.length > 0 ? [postpone(crawlId, again)] : []),
    ...(over.length > 0 ? [settle(crawlId, over)] : []),
    ...(results.length > 0 ? [moveOnOfPages(crawlId, seqs)] : []),
    ...(memory === undefined ? [] : ([[REMEMBER, crawlId, storable(memory)]] satisfies Call[])),
    [ANSWER, crawlId],
  ];
}

/** Of two results for one page the second comes too late. */
function firstOfEach(results: readonly PageResult[]): PageResult[] {
  const seen = new Set<number>();
  return results.filter(({ seq }) => !seen.has(seq) && seen.add(seq));
}
