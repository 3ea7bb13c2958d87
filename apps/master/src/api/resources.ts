import { Injectable } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import { EtcdClient } from '@app/etcd';
import type { cluster, worker } from '@app/proto';
import type { ResourceRecord } from '@app/resources';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { watchResources } from '../cluster-view/resource-stream.js';
import { taskMessage } from '../cluster-view/task-message.js';
import { WorkerReports } from '../workers/worker-reports.js';
import { ResourceDetails } from './resource-details.js';
import { pageOfEtcd } from './resource-page.js';

/** What is told of resources. Reads that are `strong` run on the leader. */
@Injectable()
export class Resources {
  constructor(
    private readonly view: ClusterView,
    private readonly details: ResourceDetails,
    private readonly etcd: EtcdClient,
    private readonly reports: WorkerReports,
  ) {}

  async get({ name }: cluster.GetResourceRequest, strong: boolean): Promise<cluster.Resource> {
    const { record, revision, report, ...more } = await this.details.read(name, strong);
    return resourceMessage(record, revision, { ...more, task: taskMessage(record, report) });
  }

  async list(request: cluster.ListResourcesRequest, strong: boolean): Promise<cluster.ListResourcesResponse> {
    const { nodeId, prefix, pageToken } = request;
    const limit = pageSize(request.pageSize);
    const query = {
      limit,
      prefix,
      ...(pageToken === '' ? {} : { after: nameOf(pageToken) }),
      ...(nodeId === '' ? {} : { nodeId }),
    };
    const { resources, next, total } = strong
      ? await pageOfEtcd(this.etcd, query)
      : this.loadedState().list(query);
    const tasks = request.status ? await this.tasksOf(resources.map(({ record }) => record)) : undefined;
    return {
      resources: resources.map(({ record, epoch }) =>
        resourceMessage(record, epoch, { task: tasks?.get(record.name) }),
      ),
      nextPageToken: next === undefined ? '' : tokenOf(next),
      total,
      counts: [],
    };
  }

  watch(request: cluster.WatchResourcesRequest, signal: AbortSignal): AsyncIterable<cluster.ResourceEvent> {
    this.loadedState();
    return watchResources(this.view, request, signal);
  }

  private async tasksOf(
    records: readonly ResourceRecord[],
  ): Promise<ReadonlyMap<string, worker.TaskStatus | undefined>> {
    const assigned = records.flatMap(({ name, assignedNode }) =>
      assignedNode === undefined ? [] : [{ name, nodeId: assignedNode.id }],
    );
    const reports = await this.reports.tasks(assigned);
    return new Map(records.map((record) => [record.name, taskMessage(record, reports.get(record.name))]));
  }

  private loadedState(): ClusterView['state'] {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    return this.view.state;
  }
}

const MAX_PAGE = 1_000;

function pageSize(asked: number): number {
  if (asked === 0) return 100;
  if (asked >= 1 && asked <= MAX_PAGE) return asked;
  throw new OrbweaverError('INVALID_ARGUMENT', `page_size is 1 to ${MAX_PAGE}, or 0 for 100; not ${asked}`);
}

function tokenOf(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function nameOf(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (name !== '' && tokenOf(name) === token) return name;
  throw new OrbweaverError('INVALID_ARGUMENT', 'page_token is none that a page before has given');
}
