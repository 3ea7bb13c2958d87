import type { Claim, ClaimRequest } from '@app/crawl';
import { takesOver } from '@app/resources';
import type { Row } from '../connection.js';
import type { Work } from '../work.js';
import { discover } from './discover.js';
import { heldCrawl, roomOf, saveCounts, superseded, type Held } from './held-crawl.js';
import { noteReady } from './ready-hosts.js';
import { orderRequeue } from './requeue.js';

export function claim(work: Work, request: ClaimRequest): Held {
  const { db } = work;
  const { resource } = request;
  const known = db.get(
    `SELECT id, resource_id, spec_hash, generation, CAST(epoch AS TEXT) AS epoch, run, retry
     FROM crawl WHERE resource = ?`,
    resource,
  );
  if (known !== undefined && !takesOver(request, ownerOf(known))) throw superseded(resource);
  db.run('UPDATE claim_number SET number = number + 1');
  const number = Number(db.get('SELECT number FROM claim_number')?.number);
  if (known !== undefined && isSame(known, request)) {
    const held = { resource, crawlId: Number(known.id), number };
    goOn(work, held, request, known);
    return held;
  }
  return begin(work, request, number);
}

/** What the owner of a claim is told. */
export function readClaim({ db }: Work, held: Held): Claim {
  const crawl = heldCrawl(db, held);
  const { state, run, itemCount } = crawl;
  const memory = db.get('SELECT text FROM memory WHERE crawl = ?', crawl.id);
  return {
    ...held,
    state,
    run,
    room: roomOf(crawl),
    itemCount,
    memory: memory === undefined ? '' : String(memory.text),
  };
}

function goOn(work: Work, held: Held, request: ClaimRequest, known: Row): void {
  const isNewRun = request.run > Number(known.run);
  const isNewRetry = request.retry > Number(known.retry);
  work.db.run(
    `UPDATE crawl SET claim = ?, epoch = ?, run = max(run, ?), retry = max(retry, ?), max_pages = ? WHERE id = ?`,
    held.number,
    request.epoch,
    request.run,
    request.retry,
    request.maxPages,
    held.crawlId,
  );
  if (!isNewRun && !isNewRetry) return;
  work.db.run(
    `UPDATE crawl SET state = 'open', reason = '', since_at = ? WHERE id = ?`,
    work.now,
    held.crawlId,
  );
  orderRequeue(work, held, {
    seeds: isNewRun ? request.seeds : [],
    rules: isNewRun ? request.reloadRules : [],
    failed: isNewRetry,
  });
}

function begin(work: Work, request: ClaimRequest, number: number): Held {
  const { db, now } = work;
  const { resource } = request;
  db.run('UPDATE crawl SET resource = NULL WHERE resource = ?', resource);
  const crawlId = db.insert(
    `INSERT INTO crawl (resource, resource_id, spec_hash, generation, epoch, claim, run, retry, max_pages, since_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    resource,
    request.resourceId,
    request.specHash,
    request.generation,
    request.epoch,
    number,
    request.run,
    request.retry,
    request.maxPages,
    now,
  );
  const held = { resource, crawlId, number };
  const crawl = heldCrawl(db, held);
  const touched = new Set<number>();
  discover(work, crawl, request.seeds, touched);
  saveCounts(db, crawl);
  noteReady(db, touched);
  return held;
}

function isSame(known: Row, { resourceId, specHash, generation }: ClaimRequest): boolean {
  return (
    known.resource_id === resourceId &&
    known.spec_hash === specHash &&
    Number(known.generation) === generation
  );
}

function ownerOf(known: Row): { resourceId: string; epoch: bigint } {
  // As text: a revision may exceed what a number holds.
  return { resourceId: String(known.resource_id), epoch: BigInt(String(known.epoch)) };
}
