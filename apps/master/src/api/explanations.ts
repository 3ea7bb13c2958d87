import { Injectable } from '@nestjs/common';
import type { cluster } from '@app/proto';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { EtcdHealth } from '../etcd-health/etcd-health.js';
import { explain } from '../explain/explain.js';
import { WorkerReports } from '../workers/worker-reports.js';
import { Masters } from './masters.js';
import { ResourceDetails } from './resource-details.js';

/** Why resources are as they are. */
@Injectable()
export class Explanations {
  constructor(
    private readonly details: ResourceDetails,
    private readonly view: ClusterView,
    private readonly masters: Masters,
    private readonly reports: WorkerReports,
    private readonly etcd: EtcdHealth,
  ) {}

  async explain({ name }: cluster.ExplainResourceRequest): Promise<cluster.Explanation> {
    const { record, report, control, nextRunAt } = await this.details.read(name);
    const workers = this.view.state.nodes().filter(({ goneAt }) => goneAt === undefined);
    const nodeId = record.assignedNode?.id;
    return {
      name,
      ...explain({
        nodeId,
        isPaused: control?.paused ?? false,
        task: report,
        store: nodeId === undefined ? undefined : (await this.reports.status(nodeId))?.store,
        isWorkerRegistered: workers.some(({ id }) => id === nodeId),
        workers: {
          count: workers.length,
          drainingCount: workers.filter(({ draining }) => draining).length,
        },
        hasLeader: this.masters.haveLeader,
        etcdFault: this.etcd.fault,
        nextRunAt,
      }),
    };
  }
}
