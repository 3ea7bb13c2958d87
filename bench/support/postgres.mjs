// A PostgreSQL of its own for a measurement, as durable as it is by default.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort, until } from './processes.mjs';

export class Postgres {
  #directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-postgres-'));
  #server;
  #databaseCount = 0;

  /** Why there cannot be one here; undefined when there can. */
  static missing() {
    return binaries() === undefined ? 'no postgres and initdb here' : undefined;
  }

  async start() {
    const owner = unprivileged();
    if (owner) chownSync(this.#directory, owner.uid, owner.gid);
    const options = { ...owner, cwd: this.#directory, stdio: 'ignore' };
    const initialise = ['-D', this.#directory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
    spawnSync(join(binaries(), 'initdb'), initialise, options);
    this.port = await freePort();
    const listen = ['-p', this.port, '-h', '127.0.0.1', '-k', ''];
    this.#server = spawn(join(binaries(), 'postgres'), ['-D', this.#directory, ...listen], options);
    await until(() => this.#query('SELECT 1'), 30_000, 'postgres answers', 50);
  }

  async createDatabase() {
    const name = `bench_${++this.#databaseCount}`;
    await this.#query(`CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  async stop() {
    if (this.#server?.exitCode === null) {
      this.#server.kill('SIGINT');
      await once(this.#server, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  async #query(sql) {
    const client = new pg.Client({ connectionString: this.#url('postgres') });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

function binaries() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  const paths = [...process.env.PATH.split(delimiter), ...versions.map((each) => join(debian, each, 'bin'))];
  return paths.find((path) => existsSync(join(path, 'postgres')) && existsSync(join(path, 'initdb')));
}

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = ['postgres', 'nobody'].map((name) => users.find(([each]) => each === name)).find(Boolean);
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
