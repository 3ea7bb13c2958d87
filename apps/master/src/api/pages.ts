import { Injectable } from '@nestjs/common';
import type { worker } from '@app/proto';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** What a resource's crawl has stored, from a worker that can read the store. */
@Injectable()
export class Pages {
  constructor(
    private readonly view: ClusterView,
    private readonly reports: WorkerReports,
  ) {}

  list(request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.reports.pages(this.view.state.get(request.name)?.record.assignedNode, request);
  }
}
