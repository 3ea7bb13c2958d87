import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { OrbweaverError } from '@app/errors';
import { EtcdError } from './etcd-error.js';
import { clusterService } from './grpc/cluster-service.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { kvService } from './grpc/kv-service.js';
import { leaseService } from './grpc/lease-service.js';
import { Quota } from './grpc/quota.js';
import { WatchService } from './grpc/watch-service.js';
import { AutoCompactor } from './replica/auto-compactor.js';
import { LeaseKeeper } from './replica/lease-keeper.js';
import { recover } from './replica/recovery.js';
import { Replica } from './replica/replica.js';
import { StateMachine } from './replica/state-machine.js';
import { DataDir } from './wal/data-dir.js';

/**
 * A single-node server of etcd's gRPC API for one machine: for development, for tests, for a first try. With a
 * data directory a write is answered when it is on the disk; in memory nothing outlives the process.
 */
export interface EmbeddedEtcdOptions {
  /** `host:port`, or `:port` for all interfaces; port 0 takes a free one. Loopback if not given. */
  listen?: string;
  /** Where the store is kept. Exactly one of `dataDir` and `memory` is given. */
  dataDir?: string;
  memory?: boolean;
  /** How many revisions can be read and watched back; 0 keeps all until a client compacts. */
  keepRevisions?: number;
  /** Beyond about this size of the store, puts are refused. */
  quotaBytes?: number;
  /** A snapshot is due when the log is larger than this, and than twice the last snapshot. */
  snapshotLogBytes?: number;
  /** How often watches that asked for it hear how far they are. */
  progressNotifyIntervalMs?: number;
  /** Called when the server can no longer do its work, or met a fault that no caller was told of. */
  onError?: (error: unknown) => void;
}

export interface EmbeddedEtcd {
  /** `host:port`, as clients are given it. */
  readonly endpoint: string;
  /** Answers what was asked, records what is left of each lease, and gives the data directory free. */
  close(): Promise<void>;
}

const DEFAULTS = {
  listen: '127.0.0.1:2379',
  keepRevisions: 100_000,
  quotaBytes: 1024 * 1024 * 1024,
  snapshotLogBytes: 16 * 1024 * 1024,
  progressNotifyIntervalMs: 10 * 60 * 1000,
};

/** Larger requests are cut off unread: etcd's limit of 1.5 MiB for what is logged, and as much again to say so. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const CLOSE_DEADLINE_MS = 2000;

export async function startEmbeddedEtcd(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
  const settings = withDefaults(options);
  const { onError } = settings;
  const store = await openStore(settings.dataDir);
  const { machine, dataDir } = store;
  const replica = new Replica(machine, dataDir, store.index, {
    afterBatch: () => {
      keeper.schedule();
      compactor.check();
    },
    isSnapshotDue: () => dataDir?.isSnapshotDue(settings.snapshotLogBytes) === true,
    snapshot: () => {
      const image = { ...machine.identity, ...machine.store.capture(), leases: machine.lessor.capture() };
      dataDir?.snapshot(image).catch(onError);
    },
    onError,
  });
  const keeper = new LeaseKeeper(replica, clock, { checkpoints: dataDir !== undefined, onError });
  const compactor = new AutoCompactor(replica, settings.keepRevisions, onError);
  const quota = new Quota(settings.quotaBytes, () => machine.store.sizeBytes);
  const watches = new WatchService(machine, settings.progressNotifyIntervalMs);

  let endpoint = '';
  const methods = new Map([
    ...kvService(replica, quota),
    ...watches.methods(),
    ...leaseService(machine, keeper, quota),
    ...clusterService({ machine, clientUrl: () => `http://${endpoint}`, logIndex: () => replica.index }),
  ]);
  const server = await GrpcServer.start(methods, {
    ...parseListen(settings.listen),
    maxMessageBytes: MAX_MESSAGE_BYTES,
    onError,
  }).catch(async (error: unknown) => {
    await dataDir?.close();
    throw new OrbweaverError(
      'UNAVAILABLE',
      `cannot listen on ${settings.listen}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  });
  endpoint = hostAndPort(server.address);
  keeper.start();

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    watches.stop();
    await server.close(new EtcdError('Stopped'), CLOSE_DEADLINE_MS);
    try {
      await keeper.stop();
      await replica.stop();
    } finally {
      await dataDir?.close();
    }
  };
  return { endpoint, close: () => (closed ??= close()) };
}

interface OpenStore {
  readonly machine: StateMachine;
  readonly dataDir: DataDir | undefined;
  readonly index: bigint;
}

const clock = (): number => performance.now();

async function openStore(path: string | undefined): Promise<OpenStore> {
  const identity = { clusterId: randomId(), memberId: randomId() };
  if (path === undefined)
    return { machine: new StateMachine(identity, clock), dataDir: undefined, index: 0n };
  const { dataDir, image, entries } = await DataDir.open(path, identity);
  try {
    const { clusterId, memberId } = image;
    const machine = new StateMachine({ clusterId, memberId }, clock);
    recover(machine, image, entries);
    return { machine, dataDir, index: dataDir.index };
  } catch (error) {
    await dataDir.close();
    throw error;
  }
}

type Settings = Required<Omit<EmbeddedEtcdOptions, 'dataDir' | 'memory'>> & { dataDir?: string };

function withDefaults(options: EmbeddedEtcdOptions): Settings {
  if ((options.dataDir === undefined) === (options.memory !== true)) {
    throw new OrbweaverError('INVALID_ARGUMENT', 'give either a data directory or memory, and not both');
  }
  return { onError: (error) => process.emitWarning(String(error), 'EmbeddedEtcd'), ...DEFAULTS, ...options };
}

function parseListen(listen: string): { host: string | undefined; port: number } {
  const groups = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(listen)?.groups;
  const port = Number(groups?.['port']);
  if (groups === undefined || port > 65_535) {
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      `listen: "${listen}" is not host:port, such as 127.0.0.1:2379`,
    );
  }
  const host = groups['v6'] ?? groups['host'];
  return { host: host === '' ? undefined : host, port };
}

/** Small enough to be a number, which is written faster than a larger one; it stands in each answer. */
function randomId(): bigint {
  return BigInt(randomBytes(6).readUIntBE(0, 6));
}

function hostAndPort({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
