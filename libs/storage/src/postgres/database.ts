import { Socket } from 'node:net';
import { OrbweaverError } from '@app/errors';
import pg from 'pg';
import type { PostgresUrl } from './postgres-url.js';
import { isOfOurMaking, storeError } from './store-error.js';

/** SQL with a name, by which each connection prepares it once. */
export interface Statement {
  name: string;
  text: string;
}

export type Value = string | number | bigint | boolean | null;
export type Row = Readonly<Record<string, unknown>>;
export type Call = readonly [statement: Statement, ...values: Value[]];

/**
 * A bounded pool of connections to one database. Whatever is called ends within the time limit; the server is told
 * to give up as well, and to roll back what a client that is gone had begun, for it holds locks that the next owner
 * of a crawl waits for.
 */
export class Database {
  readonly label: string;
  readonly schema: string;
  readonly #pool: pg.Pool;
  readonly #sockets = new Set<Socket>();

  constructor(
    url: PostgresUrl,
    private readonly timeLimitMs: number,
  ) {
    this.label = url.label;
    this.schema = url.schema;
    this.#pool = new pg.Pool({
      ...url.connection,
      max: url.maxConnections,
      connectionTimeoutMillis: timeLimitMs / 2,
      query_timeout: timeLimitMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      stream: () => this.#newSocket(),
      // What belongs together goes out at once and costs one round trip.
      pipeline: true,
      types: numberTypes(),
      verify: (client, done) => {
        client.query(settings(url.schema, timeLimitMs), done);
      },
    });
    // A connection that breaks while nothing is asked of it: whoever asks next hears of it.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', () => undefined);
  }

  /** One statement, in a transaction of its own. */
  async query(statement: Statement, ...values: Value[]): Promise<Row[]> {
    return this.#connected(async (client) => (await client.query(prepared(statement, values))).rows);
  }

  /** All of them or none; the server hears of all at once. Gives the rows of each. */
  transaction(calls: readonly Call[]): Promise<Row[][]> {
    return this.#connected(async (client) => {
      const sent = [
        client.query(BEGIN),
        ...calls.map(([statement, ...values]) => client.query(prepared(statement, values))),
        client.query('COMMIT'),
      ];
      // What follows a failure fails as well, and COMMIT then rolls back.
      const answers = await Promise.allSettled(sent);
      const failure = answers.find((answer) => answer.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
      return answers
        .slice(1, -1)
        .map((answer) => (answer as PromiseFulfilledResult<pg.QueryResult>).value.rows);
    });
  }

  /** A transaction in which one statement depends on what another gave. */
  dialogue<T>(work: (query: Database['query']) => Promise<T>): Promise<T> {
    return this.#connected(async (client) => {
      await client.query(BEGIN);
      try {
        const result = await work(async (statement, ...values) => {
          return (await client.query(prepared(statement, values))).rows;
        });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      }
    });
  }

  /** Resolves when what is under way has settled. A server that does not say good-bye is left without. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, this.timeLimitMs);
    try {
      await this.#pool.end();
    } finally {
      clearTimeout(timer);
    }
  }

  #newSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket));
  }

  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.#pool.connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // Whatever else is wrong may be wrong with this connection alone: one to a server that has become read-only.
      client?.release(!isOfOurMaking(error));
      throw error instanceof OrbweaverError ? error : storeError(this.label, error);
    }
  }
}

/** What follows the wait for a lock has to see what its holder did, whatever the server's default is. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

function prepared({ name, text }: Statement, values: Value[]): pg.QueryConfig {
  return { name, text, values };
}

/**
 * The statements are written so that one plan, along the indexes, is right for tables of any size: the planner is
 * kept from others, which it would choose for tables that were small when it looked.
 */
function settings(schema: string, timeLimitMs: number): string {
  return `
    SET search_path = "${schema}";
    SET statement_timeout = ${timeLimitMs};
    SET idle_in_transaction_session_timeout = ${timeLimitMs};
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SET enable_sort = off;
    SET jit = off;`;
}

/** 64-bit numbers are counts and times here, which a number holds; epochs are asked for as text. */
function numberTypes(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}
