import { Injectable } from '@nestjs/common';
import type { worker } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** What a resource's crawl has stored, from a worker that can read the store. */
@Injectable()
export class Results {
  constructor(
    private readonly view: ClusterView,
    private readonly reports: WorkerReports,
  ) {}

  pages(request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.reports.pages(this.owner(request.name), request);
  }

  items(request: worker.ListItemsRequest): Promise<worker.ListItemsResponse> {
    return this.reports.items(this.owner(request.name), request);
  }

  history(request: worker.GetHistoryRequest): Promise<worker.History> {
    return this.reports.history(this.owner(request.name), request);
  }

  /** Resolves with its first chunk there: what goes wrong from then on breaks the iteration. */
  exportItems(
    request: worker.ExportItemsRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<worker.ExportChunk>> {
    return this.reports.exportItems(this.owner(request.name), request, signal);
  }

  private owner(name: string): NodeRef | undefined {
    return this.view.state.get(name)?.record.assignedNode;
  }
}
