import { OrbweaverError } from '@app/errors';
import type { Database } from './database.js';

/** Brings the file to the newest form. Runs in one transaction; each step runs once in a file's life. */
export function migrate(database: Database): void {
  database.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
  const version = Number(database.get('SELECT max(version) AS version FROM schema_version')?.version ?? 0);
  if (version > STEPS.length) {
    throw new OrbweaverError(
      'FAILED_PRECONDITION',
      `the store ${database.path} was made by a newer version of this program (form ${version}, known is ${STEPS.length})`,
    );
  }
  STEPS.slice(version).forEach((step, index) => {
    database.exec(step);
    database.run('INSERT INTO schema_version (version) VALUES (?)', version + index + 1);
  });
}

/** Never change one that was released: add another. */
const STEPS = [
  `
  CREATE TABLE crawl (
    id INTEGER PRIMARY KEY,
    -- Null when a later crawl took its place: its pages are on their way out.
    resource TEXT UNIQUE,
    resource_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    spec_hash TEXT NOT NULL,
    max_pages INTEGER NOT NULL,
    is_done INTEGER NOT NULL DEFAULT 0,
    since_at INTEGER NOT NULL,
    -- Of its pages, kept with each transaction: counting them would read them all.
    discovered_count INTEGER NOT NULL DEFAULT 0,
    done_count INTEGER NOT NULL DEFAULT 0,
    failed_count INTEGER NOT NULL DEFAULT 0,
    redirected_count INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  -- The last number that a claim was given.
  CREATE TABLE claim_number (number INTEGER NOT NULL) STRICT;
  INSERT INTO claim_number (number) VALUES (0);

  CREATE TABLE page (
    crawl INTEGER NOT NULL,
    -- In the order of discovery, from 1.
    seq INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    depth INTEGER NOT NULL,
    redirects INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    fetched_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (crawl, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX page_url ON page (crawl, url);
  CREATE INDEX page_queue ON page (crawl, host, seq) WHERE state = 'queued';
  CREATE INDEX page_taken ON page (crawl, seq) WHERE state = 'taken';
  `,
];
