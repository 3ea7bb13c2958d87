import { STALE_STATE, SUPERSEDED_STATE } from './store-error.js';

/** Each runs once in a schema's life. Never change one that was released: add another. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE crawl (
    id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 2147483647) PRIMARY KEY,
    -- Null when a later crawl took its place: its pages are on their way out.
    resource text COLLATE "C" UNIQUE,
    resource_id text NOT NULL,
    epoch bigint NOT NULL,
    claim bigint NOT NULL,
    spec_hash text NOT NULL,
    generation bigint NOT NULL,
    run bigint NOT NULL,
    retry bigint NOT NULL,
    max_pages bigint NOT NULL,
    state text NOT NULL DEFAULT 'open',
    reason text NOT NULL DEFAULT '',
    since_at bigint NOT NULL,
    memory text NOT NULL DEFAULT '',
    last_seq bigint NOT NULL DEFAULT 0,
    last_item bigint NOT NULL,
    -- Of its pages and items, kept with each transaction: counting them would read them all.
    queued_count bigint NOT NULL DEFAULT 0,
    done_count bigint NOT NULL DEFAULT 0,
    failed_count bigint NOT NULL DEFAULT 0,
    redirected_count bigint NOT NULL DEFAULT 0,
    item_count bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50);

  CREATE SEQUENCE claim_number;

  -- Pages and items have one number in the whole store: that of their crawl in the upper half, in the lower one
  -- their own, in the order of discovery or storing. With keys of one column there is one way to a row; of two, the
  -- planner may take the first alone, as long as it believes that the table is small.
  CREATE FUNCTION id_of(crawl_id bigint, number bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (crawl_id << 32) + number
  $$;

  -- The URLs that crawls know. 128 bits of SHA-256: nobody can make up two URLs with the same.
  CREATE TABLE seen (
    fingerprint uuid PRIMARY KEY,
    page bigint NOT NULL
  );

  -- A page is a row of the queue until it is settled, then one of page: no row is written twice on its way, and
  -- what is settled lies in the order of settling. The queue alone loses rows all the time.
  CREATE TABLE queue (
    id bigint PRIMARY KEY,
    crawl bigint NOT NULL,
    host text COLLATE "C" NOT NULL,
    -- 0, or when a page that waits for another attempt may be taken.
    due_at bigint NOT NULL DEFAULT 0,
    -- The priority, turned round: the order is that of the index.
    urgency double precision NOT NULL,
    depth integer NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    redirects integer NOT NULL,
    rule text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    carried text NOT NULL,
    etag text NOT NULL DEFAULT '',
    last_modified text NOT NULL DEFAULT ''
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
  CREATE INDEX queue_ready ON queue (crawl, host, urgency, depth, id) WHERE due_at = 0;
  CREATE INDEX queue_waiting ON queue (crawl, due_at) WHERE due_at > 0;
  CREATE INDEX queue_waiting_of_host ON queue (crawl, host, due_at) WHERE due_at > 0;

  -- Where the queue of a host begins. Not before that of its best page: who reads from there passes over none of
  -- the dead index entries that settled pages leave behind.
  CREATE TABLE crawl_host (
    crawl bigint NOT NULL,
    host text COLLATE "C" NOT NULL,
    -- Of the best page that is ready; null when none is.
    urgency double precision,
    depth integer,
    page bigint,
    -- Of the first page that waits; null when none does.
    due_at bigint,
    PRIMARY KEY (crawl, host)
  ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
  CREATE INDEX crawl_host_ready ON crawl_host (crawl, urgency, depth, page) WHERE page IS NOT NULL;
  CREATE INDEX crawl_host_waiting ON crawl_host (crawl, due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE page (
    id bigint PRIMARY KEY,
    -- 'queued': in the queue once more. What is here is of before.
    state text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    urgency double precision NOT NULL,
    depth integer NOT NULL,
    attempts integer NOT NULL,
    redirects integer NOT NULL,
    rule text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    carried text NOT NULL,
    etag text NOT NULL,
    last_modified text NOT NULL,
    status integer NOT NULL,
    title text NOT NULL,
    bytes bigint NOT NULL,
    error text NOT NULL,
    fetched_at bigint NOT NULL,
    -- Its items have the ids from here on.
    first_item bigint NOT NULL DEFAULT 0,
    item_count integer NOT NULL DEFAULT 0
  );
  CREATE INDEX page_failed ON page (id) WHERE state = 'failed';

  CREATE TABLE item (
    id bigint PRIMARY KEY,
    page bigint NOT NULL,
    position integer NOT NULL,
    fetched_at bigint NOT NULL,
    epoch bigint NOT NULL,
    run bigint NOT NULL,
    data text NOT NULL
  );

  CREATE TABLE outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint GENERATED ALWAYS AS IDENTITY,
    resource text NOT NULL,
    url text NOT NULL,
    body text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL
  );
  CREATE INDEX outbox_due ON outbox (due_at, number);

  CREATE TABLE gate (
    host text COLLATE "C" PRIMARY KEY,
    -- Empty while nobody has it.
    holder text NOT NULL,
    fence bigint NOT NULL,
    leased_until bigint NOT NULL,
    is_wanted boolean NOT NULL DEFAULT false,
    delay_ms bigint NOT NULL,
    -- When the next request may be sent, if the one before it was the delay ago then.
    next_at bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    trouble text NOT NULL DEFAULT '',
    down_since_at bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 70);

  CREATE TABLE robots (
    origin text COLLATE "C" PRIMARY KEY,
    text text NOT NULL,
    fetched_at bigint NOT NULL,
    fresh_ms bigint NOT NULL
  );

  -- In milliseconds since 1970, on the one clock that all workers share; not when the transaction began: it may
  -- have waited for another since.
  CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
  $$;

  -- Whether the claim is the last one of its crawl, and keeps it that until the transaction is over. What follows
  -- a failure in a transaction is not done.
  CREATE FUNCTION hold(crawl_id bigint, claim_number bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM FROM crawl WHERE id = crawl_id AND claim = claim_number AND resource IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a newer owner has claimed the crawl' USING ERRCODE = '${SUPERSEDED_STATE}';
    END IF;
  END $$;

  -- Whether all these pages are queued and at these attempts. If not, the detail names those that are not.
  CREATE FUNCTION expect(crawl_id bigint, seqs bigint[], attempts integer[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    stale bigint[];
  BEGIN
    SELECT array_agg(asked.seq) INTO stale FROM unnest(seqs, attempts) AS asked (seq, attempt)
      WHERE asked.attempt IS DISTINCT FROM (SELECT attempt FROM queue WHERE id = id_of(crawl_id, asked.seq));
    IF stale IS NOT NULL THEN
      RAISE EXCEPTION 'pages are not at the attempt that is settled'
        USING ERRCODE = '${STALE_STATE}', DETAIL = array_to_json(stale)::text;
    END IF;
  END $$;
  `,
  `
  ALTER TABLE crawl ADD COLUMN last_error text NOT NULL DEFAULT '';
  ALTER TABLE item ADD COLUMN trace_id text NOT NULL DEFAULT '';

  -- Few rows, each changed again and again.
  CREATE TABLE history_step (
    crawl bigint NOT NULL,
    at bigint NOT NULL,
    done_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    item_count bigint NOT NULL,
    bytes bigint NOT NULL,
    queued_count bigint NOT NULL,
    PRIMARY KEY (crawl, at)
  ) WITH (fillfactor = 70);

  -- How often a status was the answer; 0 when none came.
  CREATE TABLE answer (
    crawl bigint NOT NULL,
    status integer NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (crawl, status)
  ) WITH (fillfactor = 50);

  -- Of a resource name, whatever crawls it has had. Stays when its lines are gone: a number is not given twice.
  CREATE TABLE task_log (
    id bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 2147483647) PRIMARY KEY,
    resource text COLLATE "C" NOT NULL UNIQUE,
    -- Its lines have the numbers after trimmed, up to last.
    last bigint NOT NULL DEFAULT 0,
    trimmed bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    -- When its oldest line was written; null when it has none.
    oldest_at bigint
  ) WITH (fillfactor = 70);
  CREATE INDEX task_log_oldest ON task_log (oldest_at) WHERE oldest_at IS NOT NULL;

  CREATE TABLE log_line (
    -- That of its log in the upper half, its number in the lower one.
    id bigint PRIMARY KEY,
    log bigint NOT NULL,
    -- Its writer's: of a repeat nothing is written.
    name text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    fields text NOT NULL,
    bytes bigint NOT NULL,
    node_id text NOT NULL,
    epoch bigint NOT NULL,
    trace_id text NOT NULL,
    UNIQUE (log, name)
  );

  -- Makes the log where there is none, and keeps others from writing to it until the transaction is over.
  CREATE FUNCTION open_log(log_resource text) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM FROM task_log WHERE resource = log_resource FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      INSERT INTO task_log (resource) VALUES (log_resource) ON CONFLICT DO NOTHING;
      PERFORM FROM task_log WHERE resource = log_resource FOR NO KEY UPDATE;
    END IF;
  END $$;

  -- Takes away the oldest lines of a log that is locked, as far as these limits want it.
  CREATE FUNCTION trim_log(log_resource text, most_lines bigint, most_bytes bigint, most_ms bigint) RETURNS void
    LANGUAGE plpgsql AS $$
  DECLARE
    log task_log;
    line record;
    first bigint;
    oldest_allowed bigint := now_ms() - most_ms;
  BEGIN
    SELECT * INTO log FROM task_log WHERE resource = log_resource;
    first := id_of(log.id, log.trimmed);
    log.oldest_at := NULL;
    FOR line IN SELECT at, bytes FROM log_line WHERE id > first AND id <= id_of(log.id, log.last) ORDER BY id LOOP
      IF line.at >= oldest_allowed AND log.last - log.trimmed <= most_lines
        AND (log.bytes <= most_bytes OR log.last - log.trimmed <= 1)
      THEN
        log.oldest_at := line.at;
        EXIT;
      END IF;
      log.trimmed := log.trimmed + 1;
      log.bytes := log.bytes - line.bytes;
    END LOOP;
    DELETE FROM log_line WHERE id > first AND id <= id_of(log.id, log.trimmed);
    UPDATE task_log SET trimmed = log.trimmed, bytes = log.bytes, oldest_at = log.oldest_at WHERE id = log.id;
  END $$;
  `,
];
