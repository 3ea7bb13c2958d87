import { takesOver, type Claim, type ClaimRequest } from '@app/crawl';
import type { Database, Row } from '../database.js';
import { checkHeld, superseded } from './held.js';
import { discover, roomOf } from './discover.js';
import { requeue } from './requeue.js';

export function claim(database: Database, request: ClaimRequest, nowAt: number): Claim {
  const { resource, resourceId, epoch, specHash } = request;
  const held = database.get(
    'SELECT id, resource_id, CAST(epoch AS TEXT) AS epoch, spec_hash, is_done FROM crawl WHERE resource = ?',
    resource,
  );
  if (held !== undefined && !takesOver(request, ownerOf(held))) throw superseded(resource);

  database.run('UPDATE claim_number SET number = number + 1');
  const number = Number(database.get('SELECT number FROM claim_number')?.number);
  const goesOn = held?.spec_hash === specHash && held.resource_id === resourceId;
  let crawlId: number;
  if (goesOn) {
    crawlId = Number(held.id);
    database.run('UPDATE crawl SET epoch = ?, claim = ? WHERE id = ?', epoch, number, crawlId);
    if (held.is_done === 0) database.run('UPDATE crawl SET since_at = ? WHERE id = ?', nowAt, crawlId);
    requeue(database, crawlId);
  } else {
    database.run('UPDATE crawl SET resource = NULL WHERE resource = ?', resource);
    const created = database.get(
      `INSERT INTO crawl (resource, resource_id, epoch, claim, spec_hash, max_pages, since_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
      resource,
      resourceId,
      epoch,
      number,
      specHash,
      request.maxPages,
      nowAt,
    );
    crawlId = Number(created?.id);
    discover(database, crawlId, request.seeds);
  }
  const room = roomOf(checkHeld(database, { resource, crawlId, number }));
  return { resource, crawlId, number, done: goesOn && held.is_done === 1, room };
}

function ownerOf(held: Row): { resourceId: string; epoch: bigint } {
  // As text: a revision may exceed what a number holds.
  return { resourceId: String(held.resource_id), epoch: BigInt(String(held.epoch)) };
}
