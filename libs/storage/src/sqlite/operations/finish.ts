import { randomUUID } from 'node:crypto';
import type { RunEnd } from '@app/crawl';
import type { Work } from '../work.js';
import { heldCrawl, type Held } from './held-crawl.js';

export function finish({ db, now }: Work, held: Held, { state, reason, messages }: RunEnd): void {
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
}
