import { OrbweaverError } from '@app/errors';
import { type Database, type Row, type Statement, type Value } from './database.js';
import { MIGRATIONS } from './migrations.js';

type Query = (statement: Statement, ...values: Value[]) => Promise<Row[]>;

/** Brings the schema to the newest form, once, however many processes begin to use it at the same time. */
export async function migrate(database: Database): Promise<void> {
  await checkServer(database);
  await database.dialogue(async (query) => {
    await query(unnamed('SELECT pg_advisory_xact_lock($1, hashtext($2))'), LOCK, database.schema);
    const version = await versionOf(query, database.schema);
    if (version > MIGRATIONS.length) {
      throw refused(
        database,
        `was made by a newer version of this program (form ${version}, known is ${MIGRATIONS.length})`,
      );
    }
    for (const [index, migration] of MIGRATIONS.slice(version).entries()) {
      await query(unnamed(migration));
      await query(unnamed('INSERT INTO schema_version (version) VALUES ($1)'), version + index + 1);
    }
  });
}

async function checkServer(database: Database): Promise<void> {
  const [server] = await database.query(
    unnamed(`SELECT current_setting('server_version_num')::integer AS number,
      current_setting('server_version') AS version, current_setting('server_encoding') AS encoding`),
  );
  if (Number(server?.number) < OLDEST_SERVER) {
    throw refused(database, `is PostgreSQL ${String(server?.version)}; 13 or later is needed`);
  }
  if (server?.encoding !== 'UTF8') {
    throw refused(database, `has the encoding ${String(server?.encoding)}; UTF8 is needed`);
  }
}

/** Asks before it makes anything: whoever has a schema made for him needs no right to make one. */
async function versionOf(query: Query, schema: string): Promise<number> {
  const [known] = await query(
    unnamed('SELECT to_regclass($1) AS versions, to_regnamespace($2) AS schema'),
    `${schema}.schema_version`,
    schema,
  );
  if (known?.schema === null) await query(unnamed(`CREATE SCHEMA "${schema}"`));
  if (known?.versions === null) {
    await query(unnamed('CREATE TABLE schema_version (version integer PRIMARY KEY)'));
  }
  const [latest] = await query(unnamed('SELECT coalesce(max(version), 0) AS version FROM schema_version'));
  return Number(latest?.version);
}

function unnamed(text: string): Statement {
  return { name: '', text };
}

function refused(database: Database, why: string): OrbweaverError {
  return new OrbweaverError('FAILED_PRECONDITION', `the store ${database.label} ${why}`);
}

const OLDEST_SERVER = 130_000;
/** Its first half is ours in the database's advisory locks: "orbw". */
const LOCK = 0x6f726277;
