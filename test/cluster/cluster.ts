import { EtcdClient, type KeyValue } from '@app/etcd';
import { encodeService, nodeId, registryKey, WORKER_SERVICE } from '@app/registry';
import { decodeResource, keys, parseKey, type ResourceRecord } from '@app/resources';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import { MasterProcess } from './master-process.js';

/** An etcd, masters as processes, and workers that are only known to the registry. Stopped as a whole. */
export class Cluster {
  readonly masters: MasterProcess[] = [];
  private readonly proxies: Proxy[] = [];
  readonly client: EtcdClient;

  private constructor(readonly etcd: EtcdServer) {
    this.client = new EtcdClient({ endpoints: [etcd.endpoint] });
  }

  static async start(): Promise<Cluster> {
    return new Cluster(await startEtcd());
  }

  async master(id: string, ...flags: string[]): Promise<MasterProcess> {
    return this.masterAt(this.etcd.endpoint, id, ...flags);
  }

  /** By way of another address of etcd: a proxy's. */
  async masterAt(endpoint: string, id: string, ...flags: string[]): Promise<MasterProcess> {
    const master = await MasterProcess.start(id, endpoint, ...flags);
    this.masters.push(master);
    await master.ready();
    return master;
  }

  /** A way to etcd of its own, that can be cut. */
  async proxy(): Promise<Proxy> {
    const proxy = await startProxy(this.etcd.endpoint);
    this.proxies.push(proxy);
    return proxy;
  }

  /** The master that leads, as soon as it is known to all that are asked. */
  async leader(among: readonly MasterProcess[] = this.masters): Promise<MasterProcess> {
    return until(
      async () => {
        const addresses = new Set(await Promise.all(among.map((master) => master.leaderAddress())));
        const [address] = addresses;
        return addresses.size === 1 && among.find(({ grpcAddress }) => grpcAddress === address);
      },
      { what: 'all agree on a leader', timeoutMs: 60_000 },
    );
  }

  /** Puts a worker's record into the registry; no process stands behind it. */
  async registerWorker(id: string, address = `127.0.0.1:1${id.padStart(4, '0')}`): Promise<string> {
    const node = nodeId(WORKER_SERVICE, id);
    const record = {
      name: WORKER_SERVICE,
      version: 'latest',
      metadata: null,
      endpoints: null,
      nodes: [{ id: node, address, metadata: null }],
    };
    await this.client.put(registryKey(WORKER_SERVICE, node), encodeService(record));
    return node;
  }

  async unregisterWorker(id: string): Promise<void> {
    await this.client.delete(registryKey(WORKER_SERVICE, nodeId(WORKER_SERVICE, id)));
  }

  async workersKnown(master: MasterProcess, count: number): Promise<void> {
    await until(
      async () => {
        const { body } = await master.rest('GET', '/crawler/node');
        return (
          (body['nodes'] as { state: string }[]).filter(({ state }) => state !== 'gone').length === count
        );
      },
      { what: `${count} workers are known` },
    );
  }

  /** Every record, and the assignment keys beside them, in one reading. */
  async resources(): Promise<Stored> {
    const records = new Map<string, ResourceRecord>();
    const values = new Map<string, string>();
    for await (const { entries } of this.client.list(keys.resources)) {
      for (const { key, value } of entries) {
        const record = parseKey(key)?.kind === 'resource' ? decodeResource(value) : undefined;
        if (record === undefined) continue;
        records.set(record.name, record);
        values.set(record.name, value);
      }
    }
    const assignments: KeyValue[] = [];
    for await (const { entries } of this.client.list(keys.allAssignments)) assignments.push(...entries);
    return { records, values, assignments };
  }

  /** What has to hold whenever nothing is under way: one assignment for each record, with its bytes. */
  async disagreements(): Promise<string[]> {
    const { records, values, assignments } = await this.resources();
    const faults: string[] = [];
    const assigned = new Map<string, string>();
    for (const { key, value } of assignments) {
      const parsed = parseKey(key);
      if (parsed?.kind !== 'assignment') continue;
      const { name, nodeId } = parsed;
      if (assigned.has(name)) faults.push(`${name} is assigned to ${assigned.get(name)} and ${nodeId}`);
      assigned.set(name, nodeId);
      if (records.get(name)?.assignedNode?.id !== nodeId) faults.push(`${key} contradicts the record`);
      else if (values.get(name) !== value) faults.push(`${key} has other bytes than the record`);
    }
    for (const { name, assignedNode } of records.values()) {
      if (assignedNode !== undefined && !assigned.has(name)) faults.push(`${name} has no assignment key`);
    }
    const ids = [...records.values()].map(({ id }) => id);
    if (new Set(ids).size !== ids.length) faults.push('IDs repeat');
    return faults;
  }

  async stop(): Promise<void> {
    await Promise.all(this.masters.map((master) => master.kill()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
    this.client.close();
    await this.etcd.stop();
  }
}

export interface Stored {
  records: Map<string, ResourceRecord>;
  values: Map<string, string>;
  assignments: KeyValue[];
}
