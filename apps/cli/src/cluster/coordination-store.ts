import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT, Failure } from '../failure.js';
import { Child } from './child.js';
import { freePort } from './ports.js';
import { until } from './until.js';

/** Where the cluster keeps who is alive, who leads and who does what: anything that speaks etcd's gRPC API. */
export interface CoordinationStore {
  /** For a person: what it is and where. */
  readonly description: string;
  readonly endpoints: readonly string[];
  /** The process that was started for it; none where one was given. */
  readonly child?: Child;
}

export interface StoreOptions {
  /** An etcd that runs already; it is neither started nor stopped. */
  readonly endpoints: readonly string[] | undefined;
  readonly dataDir: string;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

const START_MS = 20_000;

export async function startStore(options: StoreOptions): Promise<CoordinationStore> {
  if (options.endpoints !== undefined) {
    return { description: `etcd at ${options.endpoints.join(', ')}`, endpoints: options.endpoints };
  }
  const command = onPath('etcd');
  if (command !== undefined) return startEtcd(command, options);
  throw new Failure(
    EXIT.failed,
    'No etcd found on the PATH, and none named.\n' +
      'Install one (Debian: apt-get install etcd-server), or name one that runs: --etcd=HOST:PORT',
  );
}

/** A single member with a data directory of its own, on loopback ports that were free. */
async function startEtcd(command: string, options: StoreOptions): Promise<CoordinationStore> {
  const client = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const child = Child.spawn({
    name: 'etcd',
    program: { command },
    argv: [
      '--name=local',
      `--data-dir=${options.dataDir}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=local=${peer}`,
      // It has nobody to wait for.
      '--heartbeat-interval=20',
      '--election-timeout=100',
      '--auto-compaction-mode=periodic',
      '--auto-compaction-retention=1h',
    ],
    logFile: options.logFile,
  });
  const ended = child.ended.then(() => {
    throw new Failure(EXIT.failed, `etcd ended at its start. Its last words:\n${child.lastLines.join('\n')}`);
  });
  try {
    await Promise.race([until(() => isHealthy(client), START_MS, options.signal), ended]);
  } catch (error) {
    child.kill();
    await child.ended;
    throw error;
  }
  ended.catch(() => undefined);
  const address = client.slice('http://'.length);
  return { description: `etcd at ${address}`, endpoints: [address], child };
}

async function isHealthy(client: string): Promise<boolean> {
  try {
    const response = await fetch(`${client}/health`, { signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as { health?: string }).health === 'true';
  } catch {
    // Not listening yet; the caller has the deadline.
    return false;
  }
}

function onPath(command: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, command))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
