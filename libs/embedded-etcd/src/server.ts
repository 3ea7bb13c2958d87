import { randomBytes } from 'node:crypto';
import { OrbweaverError } from '@app/errors';
import { clusterService } from './grpc/cluster-service.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { kvService } from './grpc/kv-service.js';
import { leaseService } from './grpc/lease-service.js';
import { Quota } from './grpc/quota.js';
import { WatchService } from './grpc/watch-service.js';
import { LeaseKeeper } from './replica/lease-keeper.js';
import { operations } from './replica/operations.js';
import { Replica } from './replica/replica.js';
import { StateMachine } from './replica/state-machine.js';

/**
 * A single-node server of etcd's gRPC API for one machine: for development, for tests, for a first try. With a
 * data directory a write is answered when it is on the disk; in memory nothing outlives the process.
 */
export interface EmbeddedEtcdOptions {
  /** `host:port`; port 0 takes a free one. */
  listen?: string;
  /** Where the store is kept. Exactly one of `dataDir` and `memory` is given. */
  dataDir?: string;
  memory?: boolean;
  /** How many revisions can be read and watched back; 0 keeps all until a client compacts. */
  keepRevisions?: number;
  /** Beyond about this size of the store, puts are refused. */
  quotaBytes?: number;
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
  progressNotifyIntervalMs: 10 * 60 * 1000,
};

/** Larger requests are cut off unread: etcd's limit of 1.5 MiB for what is logged, and as much again to say so. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const CLOSE_DEADLINE_MS = 2000;

export async function startEmbeddedEtcd(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
  const { keepRevisions, quotaBytes, progressNotifyIntervalMs } = { ...DEFAULTS, ...options };
  const onError = options.onError ?? ((error: unknown) => process.emitWarning(String(error), 'EmbeddedEtcd'));
  const { host, port } = parseListen(options.listen ?? DEFAULTS.listen);
  const clock = (): number => performance.now();
  const machine = new StateMachine({ clusterId: randomId(), memberId: randomId() }, clock);
  const replica = new Replica(machine, undefined, onError, () => {
    keeper.schedule();
  });
  const keeper = new LeaseKeeper(replica, clock, { checkpoints: false, onError });
  const quota = new Quota(quotaBytes, () => machine.store.sizeBytes);
  const watches = new WatchService(machine, progressNotifyIntervalMs);
  const methods = new Map([
    ...kvService(replica, quota),
    ...watches.methods(),
    ...leaseService(machine, keeper, quota),
    ...clusterService({ machine, clientUrl: () => `http://${endpoint}`, logIndex: () => 0n }),
  ]);
  const server = await GrpcServer.start(methods, { host, port, maxMessageBytes: MAX_MESSAGE_BYTES });
  const { address, family, port: boundPort } = server.address;
  const endpoint = family === 'IPv6' ? `[${address}]:${boundPort}` : `${address}:${boundPort}`;
  keeper.start();
  return {
    endpoint,
    async close() {
      watches.close();
      await server.close(CLOSE_DEADLINE_MS);
      await keeper.stop();
      await replica.stop();
    },
  };
}

function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(listen);
  const port = Number(match?.groups?.['port']);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  if (host === undefined || !(port <= 65_535)) {
    throw new OrbweaverError('INVALID_ARGUMENT', `listen: "${listen}" is not host:port, such as 127.0.0.1:2379`);
  }
  return { host: host === '' ? '127.0.0.1' : host, port };
}

function randomId(): bigint {
  return randomBytes(8).readBigUInt64BE();
}
