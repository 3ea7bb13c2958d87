import type { AckAnswer, AckBatch, Claim, LogLimits, PageResult } from '@app/crawl';
import { numberArray, storable } from '../arrays.js';
import type { Call, Database, Row, Statement } from '../database.js';
import { STALE_STATE } from '../store-error.js';
import { appending } from './append-lines.js';
import { discover } from './discover.js';
import { ANSWER, note } from './history.js';
import { hold, stateOf } from './hold.js';
import { moveOnOfPages } from './move-on.js';
import { postpone } from './postpone.js';
import { settle } from './settle.js';

const EXPECT: Statement = { name: 'expect', text: 'SELECT expect($1, $2, $3)' };
const REMEMBER: Statement = { name: 'remember', text: 'UPDATE crawl SET memory = $2 WHERE id = $1' };

/**
 * One round trip. That results are for another attempt than their page's present one is rare (an answer was lost on
 * the way, and the batch is repeated): then the transaction fails, names them, and is tried without them.
 */
export async function ack(
  database: Database,
  claim: Claim,
  batch: AckBatch,
  logLimits: LogLimits,
): Promise<AckAnswer> {
  let results = firstOfEach(batch.results);
  for (;;) {
    try {
      const settling = calls(claim, results, batch.memory);
      const logging = appending(claim.resource, batch.lines ?? [], logLimits);
      const answers = await database.transaction([...settling, ...logging]);
      const [row] = answers[settling.length - 1] as [Row];
      return { room: row.room as number, itemCount: row.item_count as number };
    } catch (error) {
      const state = stateOf(error);
      if (state?.code !== STALE_STATE) throw error;
      const stale = new Set(JSON.parse(state.detail ?? '[]') as number[]);
      results = results.filter(({ seq }) => !stale.has(seq));
    }
  }
}

/** The last of them gives the answer. */
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
    ...(results.length > 0 ? note(crawlId, results) : ([[ANSWER, crawlId]] satisfies Call[])),
  ];
}

/** Of two results for one page the second comes too late. */
function firstOfEach(results: readonly PageResult[]): PageResult[] {
  const seen = new Set<number>();
  return results.filter(({ seq }) => !seen.has(seq) && seen.add(seq));
}
