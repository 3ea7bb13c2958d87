import { Inject, Injectable } from '@nestjs/common';
import { OrbweaverError, isOrbweaverError } from '@app/errors';
import { EtcdClient, op } from '@app/etcd';
import { pinnedLogger, type Logger } from '@app/observability';
import type { cluster, worker } from '@app/proto';
import {
  decodeControl,
  decodeSchedule,
  keys,
  type ResourceRecord,
  type StoredResource,
} from '@app/resources';
import { MASTER_SERVICE } from '@app/registry';
import { ErrorAnswers, LOGGER } from '@app/transport';
import type { Assigner } from '../assignment/assigner.js';
import type { Standing } from '../assignment/changes.js';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { pageOfEtcd } from './resource-page.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { taskMessage } from '../cluster-view/task-message.js';
import { watchResources } from '../cluster-view/resource-stream.js';
import { Leading } from '../leadership/leading.js';
import { FiringTimes } from '../schedules/firing-times.js';
import { WorkerReports } from '../workers/worker-reports.js';

/** What a cluster is asked and told about resources. Writes, and reads that are `strong`, run on the leader. */
@Injectable()
export class Resources {
  private readonly gatheredLog: Logger;
  private readonly firingTimes = new FiringTimes();

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
    const beside = [keys.spec(name), keys.control(name), keys.schedule(name)];
    const found: (Standing & { others?: (string | undefined)[] }) | undefined = strong
      ? await this.leading.assigner.read(name, beside)
      : this.seen(name);
    if (found === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    const { record, revision } = found;
    const [others, tasks] = await Promise.all([found.others ?? this.others(beside), this.tasksOf([record])]);
    const [spec, control, schedule] = others;
    const wanted = decodeControl(control, record.id);
    return resourceMessage(record, revision, {
      spec,
      task: tasks.get(name),
      control: wanted,
      nextRunAt: wanted.paused ? undefined : this.nextRunAt(schedule, record),
    });
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

  /** Nothing while etcd does not answer: the rest is known without it. */
  private async others(wanted: readonly string[]): Promise<(string | undefined)[]> {
    try {
      const { responses } = await this.etcd.txn(
        { success: wanted.map(op.get) },
        { timeoutMs: BESIDE_TIMEOUT_MS },
      );
      return responses.map((response) => (response.type === 'get' ? response.kvs[0]?.value : undefined));
    } catch (error) {
      if (isOrbweaverError(error) && error.retry === 'later') return [];
      throw error;
    }
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

  private nextRunAt(text: string | undefined, { id }: ResourceRecord): number | undefined {
    const schedule = text === undefined ? undefined : decodeSchedule(text);
    return schedule?.resourceId === id ? this.firingTimes.nextAt(schedule, schedule.settledAt) : undefined;
  }

  private loadedState(): ClusterView['state'] {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    return this.view.state;
  }
}

const BESIDE_TIMEOUT_MS = 1_000;
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
