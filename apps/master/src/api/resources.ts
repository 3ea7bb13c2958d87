import { Inject, Injectable } from '@nestjs/common';
import { OrbweaverError, isOrbweaverError } from '@app/errors';
import { EtcdClient } from '@app/etcd';
import { pinnedLogger, type Logger } from '@app/observability';
import type { cluster } from '@app/proto';
import { keys, type StoredResource } from '@app/resources';
import { MASTER_SERVICE } from '@app/registry';
import { ErrorAnswers, LOGGER } from '@app/transport';
import type { Assigner, Standing } from '../assignment/assigner.js';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { pageOfEtcd } from './resource-page.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { watchResources } from '../cluster-view/resource-stream.js';
import { Leading } from '../leadership/leading.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** What a cluster is asked and told about resources. Writes, and reads that are `strong`, run on the leader. */
@Injectable()
export class Resources {
  private readonly gatheredLog: Logger;

  constructor(
    private readonly view: ClusterView,
    private readonly leading: Leading,
    private readonly etcd: EtcdClient,
    private readonly reports: WorkerReports,
    private readonly errors: ErrorAnswers,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.gatheredLog = pinnedLogger(logger);
  }

  async get({ name }: cluster.GetResourceRequest, strong: boolean): Promise<cluster.Resource> {
    const found: (Standing & { spec?: string }) | undefined = strong
      ? await this.leading.assigner.read(name)
      : this.seen(name);
    if (found === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    const nodeId = found.record.assignedNode?.id;
    const [spec, task] = await Promise.all([
      found.spec ?? this.spec(name),
      nodeId === undefined ? undefined : this.reports.task(nodeId, name),
    ]);
    return resourceMessage(found.record, found.revision, { spec, task });
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
    return {
      resources: resources.map(({ record, epoch }) => resourceMessage(record, epoch)),
      nextPageToken: next === undefined ? '' : tokenOf(next),
      total,
    };
  }

  async addAll(
    { resources }: cluster.AddResourcesRequest,
    pending: boolean,
  ): Promise<cluster.AddResourcesResponse> {
    if (resources.length > MAX_BATCH) {
      throw new OrbweaverError(
        'INVALID_ARGUMENT',
        `a batch is at most ${MAX_BATCH} resources, this one is ${resources.length}`,
      );
    }
    const { assigner } = this.leading;
    return {
      results: await Promise.all(resources.map((entry) => this.addOne(assigner, { ...entry, pending }))),
    };
  }

  /** Each entry is an AddResource of its own, and is logged as one. */
  addGathered(request: cluster.AddResourcesRequest): Promise<cluster.AddResourcesResponse> {
    for (const { name } of request.resources) {
      this.gatheredLog.info(
        { method: 'CrawlerMaster.AddResource', Service: MASTER_SERVICE, 'request param:': { name } },
        'receive request',
      );
    }
    return this.addAll(request, false);
  }

  /** One entry's answer; only that this master leads no more is everybody's. */
  private async addOne(
    assigner: Assigner,
    entry: { name: string; spec: string; pending: boolean },
  ): Promise<cluster.AddResourceResult> {
    try {
      const { id, assignedNode } = (await assigner.add(entry)).record;
      return {
        id,
        nodeId: assignedNode?.id ?? '',
        nodeAddress: assignedNode?.address ?? '',
        code: 0,
        message: '',
      };
    } catch (error) {
      if (isOrbweaverError(error) && error.retry === 'elsewhere') throw error;
      const { code, message } = this.errors.answer(error);
      return { id: '', nodeId: '', nodeAddress: '', code, message };
    }
  }

  async updateSpec({ name, spec }: cluster.UpdateSpecRequest): Promise<cluster.Resource> {
    const { record, revision } = await this.leading.assigner.respec(name, spec);
    return resourceMessage(record, revision, { spec });
  }

  watch(request: cluster.WatchResourcesRequest, signal: AbortSignal): AsyncIterable<cluster.ResourceEvent> {
    this.loadedState();
    return watchResources(this.view, request, signal);
  }

  private seen(name: string): Standing | undefined {
    const found: StoredResource | undefined = this.loadedState().get(name);
    return found && { record: found.record, revision: found.epoch };
  }

  /** Empty as well while etcd does not answer: the rest is known without it. */
  private async spec(name: string): Promise<string> {
    try {
      return (await this.etcd.get(keys.spec(name), { timeoutMs: SPEC_TIMEOUT_MS }))?.value ?? '';
    } catch (error) {
      if (isOrbweaverError(error) && error.retry === 'later') return '';
      throw error;
    }
  }

  private loadedState(): ClusterView['state'] {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    return this.view.state;
  }
}

const SPEC_TIMEOUT_MS = 1_000;
const MAX_BATCH = 1_000;
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
