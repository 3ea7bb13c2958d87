import { formatDuration } from '@app/config';
import { EXIT, Failure } from '../failure.js';
import type { Colours } from '../output/colours.js';
import { renderTable } from '../output/table.js';
import type { Child, Ended } from './child.js';
import { DataDir } from './data-dir.js';
import { LocalCluster, type LocalClusterOptions, type Member } from './local-cluster.js';
import { humanLine } from './log-line.js';
import { type ClusterSettings, portPlan } from './up-settings.js';

/** How the terminal is written to while a cluster runs. */
export interface Console {
  readonly colours: Colours;
  /** One line or several; whatever is drawn at the foot of the terminal stays there. */
  readonly print: (text: string) => void;
  readonly progressBar: (label: string, done: number, total: number, note: string) => void;
  /** Ends the progress. */
  readonly clear: () => void;
}

/** Nothing more is made of a second signal that comes with the first: npm passes on what the terminal sent already. */
const SAME_SIGNAL_MS = 500;
const EXIT_INTERRUPTED = 130;

/**
 * Runs a cluster for as long as `use` lasts, which gets a signal that fires on Ctrl-C (SIGINT, SIGTERM, SIGHUP).
 * Whatever happens, every process is stopped in order before this returns; a second Ctrl-C kills them.
 */
export async function runCluster(
  settings: ClusterSettings,
  console: Console,
  options: { readonly fresh: boolean },
  use: (cluster: LocalCluster, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const dataDir = DataDir.open(settings.dataDir, options);
  const stopping = new AbortController();
  const cluster = new LocalCluster(clusterOptions(settings, console, dataDir, stopping.signal));
  const release = onInterrupt((count) => {
    if (count > 1) {
      cluster.kill();
      dataDir.close();
      process.exit(EXIT_INTERRUPTED);
    }
    console.print(console.colours.dim('\nStopping … (again: at once)'));
    stopping.abort();
  });
  try {
    console.progressBar('Starting', 0, settings.masters + settings.workers, '');
    try {
      await cluster.start();
    } finally {
      console.clear();
    }
    await use(cluster, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await cluster.stop();
    dataDir.close();
    release();
  }
}

/** The addresses of all processes, as a table. */
export function addressTable(members: readonly Member[], colours: Colours): string {
  return renderTable(
    ['PROCESS', 'REST', 'GRPC', 'PPROF', 'PID'],
    members.map(({ name, http, grpc, pprof, child }) => [
      colours.bold(name),
      httpUrl(http),
      grpc,
      pprof === undefined ? '' : `${httpUrl(pprof)}/debug/pprof/`,
      String(child.pid),
    ]),
    colours,
  );
}

/** REST addresses of the masters, as `--server` takes them. */
export function masterUrls(members: readonly Member[]): string[] {
  return members.filter(({ kind }) => kind === 'master').map(({ http }) => httpUrl(http));
}

function httpUrl(address: string): string {
  return address.startsWith('http') ? address : `http://${address}`;
}

function clusterOptions(
  settings: ClusterSettings,
  console: Console,
  dataDir: DataDir,
  signal: AbortSignal,
): LocalClusterOptions {
  const registry = [
    `--register-ttl=${formatDuration(settings.registerTtlMs)}`,
    `--register-interval=${formatDuration(settings.registerIntervalMs)}`,
    `--log-level=${settings.logLevel}`,
  ];
  const numbers = new Map<string, number>();
  const onLine = (name: string, line: string): void => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    const label = console.colours.numbered(numbers.get(name) ?? 0, `${name.padEnd(8)} │`);
    console.print(`${label} ${humanLine(line, console.colours)}`);
  };
  return {
    masters: settings.masters,
    workers: settings.workers,
    ports: portPlan(settings.ports),
    dataDir,
    etcd: { endpoints: settings.etcd, ...etcdAccess(settings) },
    masterFlags: registry,
    workerFlags: [
      ...registry,
      `--data-dir=${dataDir.at('crawl')}`,
      `--allow-private=${settings.allowPrivate}`,
      ...(settings.tasks === undefined ? [] : [`--tasks=${settings.tasks}`]),
    ],
    // May hold a password, which `ps` is not to show.
    workerEnv: settings.store === undefined ? {} : { ORBWEAVER_STORE: settings.store },
    startTimeoutMs: settings.startTimeoutMs,
    signal,
    ...(settings.quiet ? {} : { onLine }),
    onReady: (readyCount, count) =>
      console.progressBar('Starting', readyCount, count, `${readyCount} of ${count} processes are ready`),
    onDeath: (child, how) => console.print(obituary(child, how, console.colours)),
  };
}

/** The password goes by the environment, where `ps` does not show it. */
function etcdAccess(settings: ClusterSettings): { flags: string[]; env: Record<string, string> } {
  const flags = Object.entries({
    'etcd-ca': settings.etcdCa,
    'etcd-cert': settings.etcdCert,
    'etcd-key': settings.etcdKey,
    'etcd-user': settings.etcdUser,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
  return {
    flags,
    env: settings.etcdPassword === undefined ? {} : { ORBWEAVER_ETCD_PASSWORD: settings.etcdPassword },
  };
}

function obituary(child: Child, { code, signal }: Ended, colours: Colours): string {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const last = child.lastLines.slice(-3).map((line) => `    ${humanLine(line, colours)}`);
  return [
    colours.red(`${child.name} ended ${how}. It is not started again.`),
    `  Its last lines (all in ${child.logFile}):`,
    ...last,
  ].join('\n');
}

/** Calls back with 1 at the first interrupt, 2 at the second … until it is released. */
function onInterrupt(callback: (count: number) => void): () => void {
  let count = 0;
  let countedAt = -Infinity;
  const heard = (): void => {
    const now = performance.now();
    if (now - countedAt < SAME_SIGNAL_MS) return;
    countedAt = now;
    callback(++count);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, heard);
  return () => {
    for (const signal of signals) process.off(signal, heard);
  };
}

/** Resolves when the signal fires; fails when nothing is left to keep running. */
export async function keepRunning(cluster: LocalCluster, signal: AbortSignal): Promise<void> {
  const interrupted = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const first = await Promise.race([interrupted, cluster.ended().then(() => 'ended' as const)]);
  if (first === 'ended') throw new Failure(EXIT.failed, 'Every process of the cluster has ended.');
}
