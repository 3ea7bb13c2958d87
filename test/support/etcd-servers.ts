import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEtcd } from '@app/embedded-etcd';
import { etcdOnPath, startRealEtcd } from './etcd.js';

/** The servers that have to behave alike: each is started, used and stopped in the same way. */
export interface ServerUnderTest {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export const embeddedInMemory = async (): Promise<ServerUnderTest> => {
  const server = await startEmbeddedEtcd({ listen: '127.0.0.1:0', memory: true });
  return { endpoint: server.endpoint, stop: () => server.close() };
};

export const embeddedOnDisk = async (): Promise<ServerUnderTest> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbweaver-embedded-etcd-'));
  const server = await startEmbeddedEtcd({ listen: '127.0.0.1:0', dataDir });
  return {
    endpoint: server.endpoint,
    async stop() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** For `describe.each`: real etcd only where it is installed. */
export const allServers: [name: string, start: () => Promise<ServerUnderTest>][] = [
  ['the embedded server in memory', embeddedInMemory],
  ['the embedded server on disk', embeddedOnDisk],
  ...(etcdOnPath ? ([['etcd', startRealEtcd]] as [string, () => Promise<ServerUnderTest>][]) : []),
];
