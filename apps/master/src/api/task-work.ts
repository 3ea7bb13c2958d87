import { Injectable } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import type { worker } from '@app/proto';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** What workers do for tasks at this moment, and would do for one that is tried. */
@Injectable()
export class TaskWork {
  constructor(
    private readonly view: ClusterView,
    private readonly reports: WorkerReports,
  ) {}

  async hosts({ name }: worker.ListHostsRequest): Promise<worker.ListHostsResponse> {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    const found = this.view.state.get(name);
    if (found === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    const { assignedNode } = found.record;
    return assignedNode === undefined ? { hosts: [] } : this.reports.hosts(assignedNode, name);
  }

  tryPage(request: worker.TryPageRequest, signal: AbortSignal): Promise<worker.TriedPage> {
    return this.reports.tryPage(request, signal);
  }
}
