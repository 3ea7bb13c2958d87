import { type Claim, type ClaimRequest } from '@app/crawl';
import { takesOver } from '@app/resources';
import type { Database, Row, Statement } from '../database.js';
import { discover } from './discover.js';
import { superseded } from './hold.js';
import { requeueFailed, requeueReloaded } from './requeue.js';

type Query = Database['query'];

/** Of all that claim a resource of this name, one at a time: there may be no row yet to lock. */
const ALONE: Statement = {
  name: 'claim_alone',
  text: 'SELECT pg_advisory_xact_lock(hashtext(current_schema), hashtext($1))',
};
const KNOWN: Statement = {
  name: 'claim_known',
  text: `SELECT id, resource_id, epoch::text AS epoch, spec_hash, generation, run, retry, last_seq, last_item
    FROM crawl WHERE resource = $1 FOR UPDATE`,
};
const REPLACE: Statement = {
  name: 'claim_replace',
  text: 'UPDATE crawl SET resource = NULL WHERE id = $1',
};
const BEGIN: Statement = {
  name: 'claim_begin',
  text: `INSERT INTO crawl (resource, resource_id, epoch, claim, spec_hash, generation, run, retry, max_pages, since_at,
      last_item)
    VALUES ($1, $2, $3, nextval('claim_number'), $4, $5, $6, $7, $8, now_ms(), $9) RETURNING id`,
};
const GO_ON: Statement = {
  name: 'claim_go_on',
  text: `UPDATE crawl SET epoch = $2, claim = nextval('claim_number'), run = $3, retry = $4, max_pages = $5,
      state = CASE WHEN $6 THEN 'open' ELSE state END, reason = CASE WHEN $6 THEN '' ELSE reason END,
      since_at = CASE WHEN $6 THEN now_ms() ELSE since_at END
    WHERE id = $1`,
};
const CLAIMED: Statement = {
  name: 'claimed',
  text: `SELECT resource, id, claim, state, run, item_count, memory,
      greatest(0, max_pages - queued_count - done_count - failed_count) AS room
    FROM crawl WHERE id = $1`,
};

/** `replaced`: the crawl of before is to be purged. */
export function claim(
  database: Database,
  request: ClaimRequest,
): Promise<{ claim: Claim; replaced: boolean }> {
  const { resource } = request;
  return database.dialogue(async (query) => {
    await query(ALONE, resource);
    const [known] = await query(KNOWN, resource);
    if (known !== undefined && !takesOver(request, ownerOf(known))) throw superseded(resource);
    const goesOn = known !== undefined && isSame(known, request);
    const crawlId = goesOn ? await goOn(query, known, request) : await begin(query, known, request);
    const [claimed] = await query(CLAIMED, crawlId);
    return { claim: claimOf(claimed as Row), replaced: known !== undefined && !goesOn };
  });
}

async function begin(query: Query, known: Row | undefined, request: ClaimRequest): Promise<number> {
  if (known !== undefined) await query(REPLACE, known.id as number);
  const { resource, resourceId, epoch, specHash, generation, run, retry } = request;
  const maxPages = maxPagesOf(request);
  // Who has read the items of the crawl before goes on behind them.
  const lastItem = (known?.last_item as number | undefined) ?? 0;
  const [begun] = await query(
    BEGIN,
    resource,
    resourceId,
    epoch,
    specHash,
    generation,
    run,
    retry,
    maxPages,
    lastItem,
  );
  const crawlId = begun?.id as number;
  for (const call of discover(crawlId, request.seeds)) await query(...call);
  return crawlId;
}

/** What the request asks for beyond what the store has: a new run, failed pages once more. */
async function goOn(query: Query, known: Row, request: ClaimRequest): Promise<number> {
  const crawlId = known.id as number;
  const [run, retry] = [known.run as number, known.retry as number];
  const isNewRun = request.run > run;
  const isNewRetry = request.retry > retry;
  await query(
    GO_ON,
    crawlId,
    request.epoch,
    Math.max(run, request.run),
    Math.max(retry, request.retry),
    maxPagesOf(request),
    isNewRun || isNewRetry,
  );
  const lastSeq = known.last_seq as number;
  if (isNewRun) await requeueReloaded(query, crawlId, lastSeq, request);
  if (isNewRetry) await requeueFailed(query, crawlId, lastSeq);
  return crawlId;
}

function ownerOf(known: Row): { resourceId: string; epoch: bigint } {
  return { resourceId: known.resource_id as string, epoch: BigInt(known.epoch as string) };
}

function isSame(known: Row, { resourceId, specHash, generation }: ClaimRequest): boolean {
  return known.resource_id === resourceId && known.spec_hash === specHash && known.generation === generation;
}

function maxPagesOf({ maxPages }: ClaimRequest): number {
  return Math.min(maxPages, Number.MAX_SAFE_INTEGER);
}

function claimOf(row: Row): Claim {
  return {
    resource: row.resource as string,
    crawlId: row.id as number,
    number: row.claim as number,
    state: row.state as Claim['state'],
    run: row.run as number,
    room: row.room as number,
    itemCount: row.item_count as number,
    memory: row.memory as string,
  };
}
