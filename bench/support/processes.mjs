// Real processes for a measurement: an etcd, masters and workers from dist/, all on free loopback ports.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MASTER = join(root, 'dist/apps/master/src/main.js');
const WORKER = join(root, 'dist/apps/worker/src/main.js');

/** Everything that a measurement started, stopped in reverse order. */
export class Lab {
  #stops = [];
  #services = 0;
  #directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-'));

  async etcd() {
    const [client, peer] = await Promise.all([freePort(), freePort()]);
    const endpoint = `127.0.0.1:${client}`;
    const child = spawn(
      'etcd',
      [
        '--name=bench',
        `--data-dir=${join(this.#directory, `etcd-${client}`)}`,
        `--listen-client-urls=http://${endpoint}`,
        `--advertise-client-urls=http://${endpoint}`,
        `--listen-peer-urls=http://127.0.0.1:${peer}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
        `--initial-cluster=bench=http://127.0.0.1:${peer}`,
        `--quota-backend-bytes=${6 * 1024 ** 3}`,
        '--log-level=error',
      ],
      { stdio: 'ignore' },
    );
    this.#own(child);
    await until(async () => (await fetch(`http://${endpoint}/health`)).ok, 15_000, 'etcd answers');
    return endpoint;
  }

  /** @returns {Promise<{child: import('node:child_process').ChildProcess, ready: any, startedMs: number}>} */
  master(id, etcd, flags = []) {
    return this.#service(MASTER, id, etcd, flags);
  }

  worker(id, etcd, flags = []) {
    return this.#service(WORKER, id, etcd, [`--data-dir=${join(this.#directory, 'data')}`, ...flags]);
  }

  async #service(main, id, etcd, flags) {
    const from = performance.now();
    // Into a file: what a service logs at its default level is part of the price, who reads it is not.
    const log = join(this.#directory, `service-${++this.#services}.log`);
    const file = openSync(log, 'w');
    const child = spawn(
      process.execPath,
      [
        // As in the image: most of what a call allocates is dead before the young generation is full.
        '--max-semi-space-size=32',
        main,
        `--id=${id}`,
        '--http=127.0.0.1:0',
        '--grpc=127.0.0.1:0',
        '--pprof=127.0.0.1:0',
        `--etcd=${etcd}`,
        ...flags,
      ],
      { stdio: ['ignore', file, 'inherit'] },
    );
    closeSync(file);
    this.#own(child);
    const ready = await until(() => lineWith(log, 'ready'), 60_000, `${main} is ready`, 5);
    return { child, ready, startedMs: performance.now() - from };
  }

  #own(child) {
    this.#stops.push(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(timer);
    });
  }

  async close() {
    for (const stop of this.#stops.reverse()) await stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export async function until(condition, timeoutMs, what, everyMs = 20) {
  const deadline = performance.now() + timeoutMs;
  let last;
  while (performance.now() < deadline) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
}

function lineWith(log, message) {
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .find((each) => each.includes(`"msg":"${message}"`));
  return line && JSON.parse(line);
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
