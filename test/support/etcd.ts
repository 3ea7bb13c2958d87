import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePorts } from './ports.js';
import { startProcess, type RunningProcess } from './process.js';
import { until } from './until.js';

/** A server of etcd's API with its own port and data. Whoever starts it stops it. */
export interface EtcdServer {
  /** `host:port` of the client API; stays the same over `restart()`. */
  readonly endpoint: string;
  /** Runs `etcdctl` against this server and gives its standard output; rejects with its standard error. */
  etcdctl(...args: string[]): Promise<string>;
  /** The same, for a command that goes on (`elect`, `watch`, `lock`). */
  startEtcdctl(...args: string[]): Promise<RunningProcess>;
  /** SIGTERM, then the data is removed. */
  stop(): Promise<void>;
  /** SIGKILL; the data stays for `restart()`. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts again (after stopping it, where it runs) with the same data and ports. */
  restart(): Promise<void>;
}

export interface EtcdServerOptions {
  /** Serves clients over TLS, and only those with a certificate of the same authority. */
  tls?: { caFile: string; certFile: string; keyFile: string };
  /** Further flags of `etcd`. */
  args?: string[];
}

const run = promisify(execFile);

export const etcdOnPath = onPath('etcd') && onPath('etcdctl');

/**
 * The server that tests get where any will do: `real` is the etcd on the PATH, `embedded` our own (as built into
 * `dist`), which serves where there is no etcd, or where ORBWEAVER_TEST_ETCD says so.
 */
export const testEtcd = process.env['ORBWEAVER_TEST_ETCD'] ?? (etcdOnPath ? 'real' : 'embedded');
if (testEtcd !== 'real' && testEtcd !== 'embedded') {
  throw new Error(`ORBWEAVER_TEST_ETCD is real or embedded, not "${testEtcd}"`);
}

/**
 * `describe` for tests that ask etcdctl, or need what only a real etcd has: skipped, and saying why, where there is
 * none. Tests for which any server will do need nothing but `startEtcd`.
 */
export function describeWithEtcd(name: string, define: () => void): void {
  if (etcdOnPath) describe(name, define);
  else describe.skip(`${name} (skipped: no etcd and etcdctl on the PATH)`, define);
}

/** Starts the server that `testEtcd` names. */
export function startEtcd(): Promise<EtcdServer> {
  return testEtcd === 'real' ? startRealEtcd() : startServer({ launch: launchEmbedded, ctl: [] });
}

/**
 * Election timeouts are shorter than etcd's defaults: a single member has nobody to wait for, it starts at
 * once, and leases may be as short as one second (etcd refuses less than 1.5 election timeouts).
 */
export function startRealEtcd(options: EtcdServerOptions = {}): Promise<EtcdServer> {
  const { tls } = options;
  return startServer({
    launch: (dataDir, ports) => launch(dataDir, ports, options),
    ctl: tls ? ['--cacert', tls.caFile, '--cert', tls.certFile, '--key', tls.keyFile] : [],
    scheme: tls ? 'https://' : '',
  });
}

interface Kind {
  launch(dataDir: string, ports: Launched['ports']): Promise<Launched>;
  /** What etcdctl needs to get in. */
  ctl: string[];
  scheme?: string;
}

async function startServer(kind: Kind): Promise<EtcdServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-etcd-'));
  let server = await startOnFreePorts(dataDir, kind);
  const { endpoint } = server;
  const ctl = ['--endpoints', `${kind.scheme ?? ''}${endpoint}`, ...kind.ctl];
  const env = { ETCDCTL_API: '3' };

  return {
    endpoint,
    async etcdctl(...command) {
      const { stdout } = await run('etcdctl', [...ctl, ...command], {
        env: { ...process.env, ...env },
        timeout: 60_000,
        maxBuffer: 64 << 20,
      });
      return stdout;
    },
    startEtcdctl: (...command) => startProcess('etcdctl', [...ctl, ...command], { env }),
    async stop() {
      await server.process.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    async kill() {
      await server.process.kill();
    },
    pause: () => server.process.signal('SIGSTOP'),
    resume: () => server.process.signal('SIGCONT'),
    async restart() {
      await server.process.stop();
      server = await kind.launch(dataDir, server.ports);
    },
  };
}

interface Launched {
  process: RunningProcess;
  ports: [client: number, peer: number];
  endpoint: string;
}

async function startOnFreePorts(dataDir: string, kind: Kind): Promise<Launched> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await kind.launch(dataDir, (await freePorts(2)) as [number, number]);
    } catch (error) {
      if (attempt === 3 || !/address already in use|EADDRINUSE/.test(String(error))) throw error;
    }
  }
}

async function launch(
  dataDir: string,
  ports: Launched['ports'],
  { args = [], tls }: EtcdServerOptions,
): Promise<Launched> {
  const client = `${tls ? 'https' : 'http'}://127.0.0.1:${ports[0]}`;
  const peer = `http://127.0.0.1:${ports[1]}`;
  const flags = {
    name: 'test',
    'data-dir': dataDir,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `test=${peer}`,
    'heartbeat-interval': '20',
    'election-timeout': '200',
    logger: 'zap',
    'log-level': 'error',
  };
  const etcd = await startProcess('etcd', [
    ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    ...(tls
      ? [
          '--client-cert-auth',
          `--trusted-ca-file=${tls.caFile}`,
          `--cert-file=${tls.certFile}`,
          `--key-file=${tls.keyFile}`,
        ]
      : []),
    ...args,
  ]);
  try {
    const outcome = await until(
      async () => {
        if (etcd.exit() !== undefined) return 'ended';
        return (await isHealthy(client, tls)) && 'healthy';
      },
      { what: 'etcd is healthy', timeoutMs: 60_000 },
    );
    if (outcome === 'ended') throw new Error(`etcd ended at once:\n${etcd.lines.join('\n')}`);
  } catch (error) {
    await etcd.kill();
    throw error;
  }
  return { process: etcd, ports, endpoint: `127.0.0.1:${ports[0]}` };
}

const ORBWEAVER = fileURLToPath(new URL('../../bin/orbweaver.js', import.meta.url));

async function launchEmbedded(dataDir: string, ports: Launched['ports']): Promise<Launched> {
  const endpoint = `127.0.0.1:${ports[0]}`;
  const argv = [ORBWEAVER, 'etcd', `--listen=${endpoint}`, `--data-dir=${dataDir}`];
  const server = await startProcess(process.execPath, argv);
  try {
    await server.waitForLine(/"msg":"ready"/, { timeoutMs: 60_000 });
  } catch (error) {
    await server.kill();
    throw new Error(`the embedded etcd did not start:\n${server.lines.join('\n')}`, { cause: error });
  }
  return { process: server, ports, endpoint };
}

async function isHealthy(url: string, tls: EtcdServerOptions['tls']): Promise<boolean> {
  const request = tls ? requestTls : requestPlain;
  const keys = tls && {
    ca: readFileSync(tls.caFile),
    cert: readFileSync(tls.certFile),
    key: readFileSync(tls.keyFile),
  };
  const [response] = (await once(request(`${url}/health`, { ...keys, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  return ((await json(response)) as { health: string }).health === 'true';
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
