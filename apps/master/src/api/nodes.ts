import { Injectable } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import type { cluster, worker } from '@app/proto';
import type { WorkerNode } from '@app/resources';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { Leading } from '../leadership/leading.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** Workers, as the cluster knows them and as they say themselves. Drains run on the leader. */
@Injectable()
export class Nodes {
  constructor(
    private readonly view: ClusterView,
    private readonly leading: Leading,
    private readonly reports: WorkerReports,
  ) {}

  async list(): Promise<cluster.ListNodesResponse> {
    return { nodes: this.known(await this.statuses()) };
  }

  /** By id, of those that answer in time. */
  statuses(): Promise<ReadonlyMap<string, worker.WorkerStatus>> {
    return this.reports.statuses();
  }

  known(statuses: ReadonlyMap<string, worker.WorkerStatus>): cluster.Node[] {
    const nodes = this.view.state.nodes().map((node) => nodeMessage(node, statuses.get(node.id)));
    return nodes.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async drain({ id }: cluster.DrainNodeRequest): Promise<cluster.Node> {
    this.registered(id);
    await this.leading.assigner.drain(id);
    return nodeMessage(this.registered(id));
  }

  async undrain({ id }: cluster.UndrainNodeRequest): Promise<cluster.Node> {
    this.registered(id);
    await this.leading.assigner.undrain(id);
    return nodeMessage(this.registered(id));
  }

  private registered(id: string): WorkerNode {
    const node = this.view.state.node(id);
    if (node !== undefined && node.goneAt === undefined) return node;
    throw new OrbweaverError('NOT_FOUND', `no worker ${JSON.stringify(id)} is registered`);
  }
}

function nodeMessage(
  { id, address, load, draining, goneAt }: WorkerNode,
  status?: worker.WorkerStatus,
): cluster.Node {
  return {
    id,
    address,
    load,
    draining,
    state: goneAt === undefined ? (status?.state ?? '') : 'gone',
    running: status?.running ?? 0,
    pages: status?.pages ?? 0n,
    pagesPerSecond: status?.pagesPerSecond ?? 0,
    errors: status?.errors ?? 0n,
    memory: status?.memory ?? 0n,
    version: status?.version ?? '',
    startedAt: status?.startedAt,
    store: status?.store,
  };
}
