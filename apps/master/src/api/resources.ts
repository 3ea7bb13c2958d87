import { Injectable } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import type { cluster } from '@app/proto';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { watchResources } from '../cluster-view/resource-stream.js';
import { taskMessage } from '../cluster-view/task-message.js';
import { ResourceDetails } from './resource-details.js';

/** What is told of resources. Reads that are `strong` run on the leader. */
@Injectable()
export class Resources {
  constructor(
    private readonly view: ClusterView,
    private readonly details: ResourceDetails,
  ) {}

  async get({ name }: cluster.GetResourceRequest, strong: boolean): Promise<cluster.Resource> {
    const { record, revision, report, ...more } = await this.details.read(name, strong);
    return resourceMessage(record, revision, { ...more, task: taskMessage(record, report) });
  }

  watch(request: cluster.WatchResourcesRequest, signal: AbortSignal): AsyncIterable<cluster.ResourceEvent> {
    this.loadedState();
    return watchResources(this.view, request, signal);
  }

  private loadedState(): ClusterView['state'] {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    return this.view.state;
  }
}
