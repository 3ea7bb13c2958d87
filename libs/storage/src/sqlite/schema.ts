import { OrbweaverError } from '@app/errors';
import type { Connection } from './connection.js';

/** Brings the file to the newest form (or to that one), if it is not; each step runs once in a file's life. */
export function migrate(db: Connection, path: string, to = STEPS.length): void {
  if (versionOf(db, path) >= to) return;
  db.transaction(() => {
    db.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
    // Another process may have done it meanwhile.
    const version = versionOf(db, path);
    STEPS.slice(version, to).forEach((step, index) => {
      db.exec(step);
      db.run('INSERT INTO schema_version (version) VALUES (?)', version + index + 1);
    });
  });
}

function versionOf(db: Connection, path: string): number {
  const isNew = db.get("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'") === undefined;
  const version = isNew ? 0 : Number(db.get('SELECT max(version) AS version FROM schema_version')?.version);
  if (version <= STEPS.length) return version;
  throw new OrbweaverError(
    'FAILED_PRECONDITION',
    `the store ${path} was made by a newer version of this program (form ${version}, known is ${STEPS.length})`,
  );
}

/** What has become of a page, as it is stored. None is 0 or 1, which take no byte: settling keeps a row's length. */
export const PAGE = { queued: 2, waiting: 3, done: 4, redirected: 5, failed: 6 } as const;

/** Never change one that was released: add another. */
const STEPS = [
  // Was the form of the first engine. What it knew of a crawl is of no use to this one: the tasks differ.
  '',
  `
  DROP TABLE IF EXISTS page;
  DROP TABLE IF EXISTS claim_number;
  DROP TABLE IF EXISTS crawl;

  CREATE TABLE crawl (
    id INTEGER PRIMARY KEY,
    -- Null when a later crawl took its place: what it had is on its way out.
    resource TEXT UNIQUE,
    resource_id TEXT NOT NULL,
    spec_hash TEXT NOT NULL,
    generation INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    claim INTEGER NOT NULL,
    run INTEGER NOT NULL,
    retry INTEGER NOT NULL,
    max_pages INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    reason TEXT NOT NULL DEFAULT '',
    since_at INTEGER NOT NULL,
    -- JSON: which pages are still to be queued again for the present run; empty when all are.
    requeue TEXT NOT NULL DEFAULT '',
    -- Of its pages, kept with each transaction: counting them would read them all.
    page_count INTEGER NOT NULL DEFAULT 0,
    done_count INTEGER NOT NULL DEFAULT 0,
    redirected_count INTEGER NOT NULL DEFAULT 0,
    failed_count INTEGER NOT NULL DEFAULT 0,
    item_count INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE memory (crawl INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;

  -- The last number that a claim was given.
  CREATE TABLE claim_number (number INTEGER NOT NULL) STRICT;
  INSERT INTO claim_number (number) VALUES (0);

  -- Hosts of a crawl, with the best of the pages that may be taken; null when there is none.
  CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    crawl INTEGER NOT NULL,
    name TEXT NOT NULL,
    priority INTEGER,
    depth INTEGER,
    seq INTEGER,
    UNIQUE (crawl, name)
  ) STRICT;
  CREATE INDEX host_ready ON host (crawl, priority DESC, depth, seq, name) WHERE seq IS NOT NULL;

  -- Fingerprints of the URLs that a crawl knows.
  CREATE TABLE seen (
    crawl INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (crawl, fingerprint)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE page (
    crawl INTEGER NOT NULL,
    -- In the order of discovery, from 1.
    seq INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    host INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    redirects INTEGER NOT NULL,
    rule TEXT NOT NULL,
    url TEXT NOT NULL,
    carried TEXT NOT NULL,
    PRIMARY KEY (crawl, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX page_queued ON page (host, priority DESC, depth, seq) WHERE state = ${PAGE.queued};
  CREATE INDEX page_waiting ON page (crawl, due_at, host) WHERE state = ${PAGE.waiting};
  CREATE INDEX page_failed ON page (crawl, seq) WHERE state = ${PAGE.failed};

  -- What came of a page when it was last settled. Stays when the page is queued again.
  CREATE TABLE outcome (
    crawl INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    status INTEGER NOT NULL,
    title TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    error TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    -- Its items have numbers without gaps.
    first_item INTEGER NOT NULL DEFAULT 0,
    item_count INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (crawl, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE item (
    -- Never given twice, so that whoever has read up to one misses none.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    crawl INTEGER NOT NULL,
    page INTEGER NOT NULL,
    position INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    run INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX item_of_crawl ON item (crawl);

  CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    resource TEXT NOT NULL,
    url TEXT NOT NULL,
    body TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_due ON outbox (due_at);

  CREATE TABLE gate (
    host TEXT PRIMARY KEY,
    -- Empty while nobody has it.
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    is_wanted INTEGER NOT NULL,
    delay_ms INTEGER NOT NULL,
    -- When the next request may be sent, if the one before it was delay_ms ago then.
    next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    down_since_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    fresh_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE crawl ADD COLUMN last_error TEXT NOT NULL DEFAULT '';
  ALTER TABLE item ADD COLUMN trace_id TEXT NOT NULL DEFAULT '';

  CREATE TABLE history_step (
    crawl INTEGER NOT NULL,
    at INTEGER NOT NULL,
    done_count INTEGER NOT NULL,
    failed_count INTEGER NOT NULL,
    item_count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    queued_count INTEGER NOT NULL,
    PRIMARY KEY (crawl, at)
  ) STRICT, WITHOUT ROWID;

  -- How often a status was the answer; 0 when none came.
  CREATE TABLE answer (
    crawl INTEGER NOT NULL,
    status INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (crawl, status)
  ) STRICT, WITHOUT ROWID;

  -- Of a resource name, whatever crawls it has had. Stays when its lines are gone: a number is not given twice.
  CREATE TABLE task_log (
    id INTEGER PRIMARY KEY,
    resource TEXT NOT NULL UNIQUE,
    -- Its lines have the numbers after trimmed, up to last.
    last INTEGER NOT NULL DEFAULT 0,
    trimmed INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    -- When its oldest line was written; null when it has none.
    oldest_at INTEGER
  ) STRICT;
  CREATE INDEX task_log_oldest ON task_log (oldest_at) WHERE oldest_at IS NOT NULL;

  CREATE TABLE log_line (
    log INTEGER NOT NULL,
    number INTEGER NOT NULL,
    -- Its writer's name for it: of a repeat nothing is written.
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    fields TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    node_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    PRIMARY KEY (log, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX log_line_id ON log_line (log, id);
  `,
];
