// The two servers of etcd's API, each a process of its own with a data directory, for the same measurements.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { freePort, until } from './processes.mjs';

const ORBWEAVER = fileURLToPath(new URL('../../bin/orbweaver.js', import.meta.url));
const PROTO_DIR = fileURLToPath(new URL('../../libs/embedded-etcd/proto', import.meta.url));
const { etcdserverpb } = grpc.loadPackageDefinition(
  loadSync('etcdserverpb/rpc.proto', { includeDirs: [PROTO_DIR], longs: Number }),
);

export class Store {
  #directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-'));
  #child;

  /** @param {'embedded' | 'etcd'} kind */
  constructor(kind) {
    this.kind = kind;
  }

  /** How long it took until a first call was answered. */
  async start() {
    const port = (this.port ??= await freePort());
    const peer = (this.peer ??= await freePort());
    const from = performance.now();
    this.#child =
      this.kind === 'embedded'
        ? spawn(
            process.execPath,
            [ORBWEAVER, 'etcd', `--listen=127.0.0.1:${port}`, `--data-dir=${this.#directory}`],
            {
              stdio: 'ignore',
            },
          )
        : spawn(
            'etcd',
            [
              '--name=bench',
              `--data-dir=${this.#directory}`,
              `--listen-client-urls=http://127.0.0.1:${port}`,
              `--advertise-client-urls=http://127.0.0.1:${port}`,
              `--listen-peer-urls=http://127.0.0.1:${peer}`,
              `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
              `--initial-cluster=bench=http://127.0.0.1:${peer}`,
              '--log-level=error',
            ],
            { stdio: 'ignore' },
          );
    // Cheap to ask again and again; the processor is the starting server's.
    await until(() => accepts(port), 60_000, `${this.kind} accepts connections`, 5);
    const kv = this.client('KV');
    await call(kv, 'range', { key: Buffer.from('a') });
    kv.close();
    return performance.now() - from;
  }

  client(service, options = {}) {
    const address = `127.0.0.1:${this.port}`;
    const own = { 'grpc.use_local_subchannel_pool': 1, ...options };
    return new etcdserverpb[service](address, grpc.credentials.createInsecure(), own);
  }

  /** Seconds of processor time that it has used, and megabytes that it holds. */
  usage() {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return {
      cpu: (Number(stat[11]) + Number(stat[12])) / 100,
      rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024,
    };
  }

  async stop(signal = 'SIGTERM') {
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

export function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + 10_000 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}
