import { setTimeout as delay } from 'node:timers/promises';
import { applicationEntry } from '../application.js';
import { EXIT, Failure } from '../failure.js';
import { Child, type Ended } from './child.js';
import { type CoordinationStore, startStore } from './coordination-store.js';
import type { DataDir } from './data-dir.js';
import { type Ready, parseLine, readyOf } from './log-line.js';
import { type PortPlan, type Ports, portsOf } from './ports.js';

export interface LocalClusterOptions {
  readonly masters: number;
  readonly workers: number;
  readonly ports: PortPlan;
  readonly dataDir: DataDir;
  readonly etcd: {
    readonly endpoints: readonly string[] | undefined;
    /** Further flags and secrets that masters and workers reach it with. */
    readonly flags: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  readonly masterFlags: readonly string[];
  readonly workerFlags: readonly string[];
  readonly workerEnv: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onLine?: (process: string, line: string) => void;
  /** So many of the processes serve, of so many. */
  readonly onReady?: (readyCount: number, count: number) => void;
  readonly onStore?: (store: CoordinationStore) => void;
  /** A process that nobody asked to end has ended. */
  readonly onDeath?: (child: Child, how: Ended) => void;
}

export interface Member extends Ready {
  readonly name: string;
  readonly kind: 'master' | 'worker';
  readonly child: Child;
}

const STOP_MS = 12_000;

/** A whole cluster on this machine: a store, masters and workers, each a process of its own. */
export class LocalCluster {
  private readonly children: { kind: 'store' | 'master' | 'worker'; child: Child }[] = [];
  private readonly started: Member[] = [];
  private coordination: CoordinationStore | undefined;

  constructor(private readonly options: LocalClusterOptions) {}

  /** Resolves when every process serves. When one does not, all are stopped again and it throws. */
  async start(): Promise<void> {
    try {
      await this.startAll();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get store(): CoordinationStore {
    if (this.coordination === undefined) throw new Error('the cluster was not started');
    return this.coordination;
  }

  get members(): readonly Member[] {
    return this.started;
  }

  /** Workers, then masters, then the store, so that each can still sign off with the next. */
  async stop(): Promise<void> {
    for (const kind of ['worker', 'master', 'store'] as const) {
      const those = this.children.filter((entry) => entry.kind === kind);
      await Promise.all(those.map(({ child }) => child.stop(STOP_MS)));
    }
  }

  /** At once and without order. */
  kill(): void {
    for (const { child } of this.children) child.kill();
  }

  /** Resolves when no process is left. */
  async ended(): Promise<void> {
    await Promise.all(this.children.map(({ child }) => child.ended));
  }

  private async startAll(): Promise<void> {
    const { dataDir, signal, etcd, masters, workers } = this.options;
    const places = [
      ...Array.from({ length: masters }, (_, index) => ({ kind: 'master' as const, index })),
      ...Array.from({ length: workers }, (_, index) => ({ kind: 'worker' as const, index })),
    ];
    // Fails before anything is started when they are not built.
    for (const { kind } of places) applicationEntry(kind);
    this.coordination = await startStore({
      endpoints: etcd.endpoints,
      dataDir: dataDir.at('store'),
      logFile: dataDir.at('log', 'etcd.log'),
      signal,
    });
    if (this.coordination.child !== undefined) this.adopt('store', this.coordination.child);
    signal.throwIfAborted();
    this.options.onStore?.(this.coordination);
    const ports = await Promise.all(
      places.map(({ kind, index }, place) => portsOf(this.options.ports, kind, index, place)),
    );
    signal.throwIfAborted();
    let readyCount = 0;
    const members = await Promise.all(
      places.map(async ({ kind, index }, place) => {
        const member = await this.startMember(kind, index, ports[place] ?? { http: 0, grpc: 0, pprof: 0 });
        this.options.onReady?.(++readyCount, places.length);
        return member;
      }),
    );
    this.started.push(...members);
  }

  private async startMember(kind: 'master' | 'worker', index: number, ports: Ports): Promise<Member> {
    const { dataDir, etcd, masterFlags, workerFlags, workerEnv, onLine, startTimeoutMs, signal } =
      this.options;
    const name = `${kind}-${index + 1}`;
    let announce: (ready: Ready) => void = () => undefined;
    const ready = new Promise<Ready>((resolve) => (announce = resolve));
    const child = Child.spawn({
      name,
      program: applicationEntry(kind),
      argv: [
        `--id=${index + 1}`,
        `--http=127.0.0.1:${ports.http}`,
        `--grpc=127.0.0.1:${ports.grpc}`,
        `--pprof=127.0.0.1:${ports.pprof}`,
        `--etcd=${this.store.endpoints.join(',')}`,
        ...etcd.flags,
        ...(kind === 'master' ? masterFlags : workerFlags),
      ],
      env: kind === 'master' ? etcd.env : { ...etcd.env, ...workerEnv },
      logFile: dataDir.at('log', `${name}.log`),
      onLine: (line) => {
        onLine?.(name, line);
        const addresses = readyOf(parseLine(line));
        if (addresses !== undefined) announce(addresses);
      },
    });
    this.adopt(kind, child);
    return { name, kind, child, ...(await whenReady(child, ready, startTimeoutMs, signal)) };
  }

  private adopt(kind: 'store' | 'master' | 'worker', child: Child): void {
    this.children.push({ kind, child });
    void this.watch(child);
  }

  private async watch(child: Child): Promise<void> {
    const how = await child.ended;
    if (!how.asked) this.options.onDeath?.(child, how);
  }
}

/** The first of: it serves; it ended; it takes too long; nobody wants it any more. */
async function whenReady(
  child: Child,
  ready: Promise<Ready>,
  withinMs: number,
  signal: AbortSignal,
): Promise<Ready> {
  const settled = new AbortController();
  const late = delay(withinMs, 'late' as const, { signal: AbortSignal.any([signal, settled.signal]) });
  try {
    const first = await Promise.race([ready, late, child.ended.then(() => 'ended' as const)]);
    if (typeof first === 'object') return first;
    const what = first === 'late' ? `was not ready within ${withinMs / 1000} s` : 'ended before it was ready';
    throw new Failure(EXIT.failed, `${child.name} ${what}.\n${lastWords(child)}`);
  } finally {
    settled.abort();
  }
}

function lastWords(child: Child): string {
  return [
    `Its last lines (all in ${child.logFile}):`,
    ...child.lastLines.slice(-8).map((line) => `  ${line}`),
  ].join('\n');
}
