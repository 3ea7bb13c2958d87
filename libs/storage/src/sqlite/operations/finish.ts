import { randomUUID } from 'node:crypto';
import type { RunEnd } from '@app/crawl';
import type { Work } from '../work.js';
import { appendLines } from './append-lines.js';
import { heldCrawl, type Held } from './held-crawl.js';

export function finish(work: Work, held: Held, { state, reason, messages, lines = [] }: RunEnd): void {
  const { db, now } = work;
  const crawl = heldCrawl(db, held);
  if (crawl.state !== 'open') return;
  db.run('UPDATE crawl SET state = ?, reason = ?, since_at = ? WHERE id = ?', state, reason, now, crawl.id);
  for (const { url, body } of messages) {
    db.run(
      'INSERT INTO outbox (id, resource, url, body, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?)',
      randomUUID(),
      held.resource,
      url,
      body,
      now,
      now,
    );
  }
  appendLines(work, held.resource, lines);
}
