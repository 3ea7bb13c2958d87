import { OrbweaverError } from '@app/errors';
import type { EtcdClient } from '@app/etcd';
import { cluster, type worker } from '@app/proto';
import type { ResourceRecord, StoredResource } from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { taskMessage } from '../cluster-view/task-message.js';
import { Feeds } from '../live/feeds.js';
import type { Pulse } from '../live/pulse.js';
import { whenChanged, type Made } from '../live/when-changed.js';
import { checkStates, sortOf } from '../task-index/order.js';
import type { Orders } from '../task-index/orders.js';
import type { TaskIndex } from '../task-index/task-index.js';
import type { TaskReport, WorkerReports } from '../workers/worker-reports.js';
import { pageToken } from './page-token.js';
import { pageOfEtcd } from './resource-page.js';

/**
 * Pages of resources. In the order of names and without a filter they are read as they stand; else from orders of
 * all that matches, which are half a second old at most, or more where they are long work: what has gone since is left out of its page.
 */
export class ResourceLists {
  private readonly feeds: Feeds<Answer>;

  constructor(
    private readonly parts: {
      readonly view: ClusterView;
      readonly etcd: Pick<EtcdClient, 'range'>;
      readonly index: TaskIndex;
      readonly orders: Orders;
      readonly reports: Pick<WorkerReports, 'tasks'>;
      /** Of the view and the index. */
      readonly pulse: Pulse;
    },
    /** Fires when this master ends. */
    ending: AbortSignal,
  ) {
    this.feeds = new Feeds(ending);
  }

  /** `strong`: as etcd has it, on the leader; not with a filter or an order. */
  async list(request: Request, strong: boolean): Promise<Answer> {
    this.check(request);
    return (await this.page(request, strong, (records) => this.askedTasks(records))).value;
  }

  /** The answer as it is now, then whenever it is another. No worker is asked for it. */
  watch(asked: Request, signal: AbortSignal): AsyncIterable<Answer> {
    const request = { ...asked, status: true };
    this.check(request);
    const values = (until: AbortSignal): AsyncIterable<Answer> =>
      whenChanged(
        {
          make: () => this.page(request, false, (records) => this.knownTasks(records)),
          encode: (answer) => cluster.ListResourcesResponse.encode(answer).finish(),
          pulse: this.parts.pulse,
          gapMs: 1_000,
          idleMs: 10_000,
        },
        until,
      );
    return this.feeds.follow(JSON.stringify(request), values, signal);
  }

  /** How many of all resources are in each state. */
  counts(): cluster.StateCount[] {
    const { state } = this.parts.view;
    const counts = this.parts.index.counts(state.nodes());
    const { unassignedCount } = state;
    if (unassignedCount > 0) counts.set('pending', (counts.get('pending') ?? 0) + unassignedCount);
    return countsOf(counts);
  }

  private check(request: Request): void {
    const { sort, states, offset, pageSize } = request;
    sortOf(sort);
    checkStates(states);
    if (offset < 0) throw invalid(`offset is at least 0, not ${offset}`);
    if (offset > 0 && request.pageToken !== '') throw invalid('page_token or offset, not both');
    if (isPlain(request)) pageToken.nameOf(request.pageToken);
    else pageToken.offsetOf(request.pageToken);
    if (pageSize < 0 || pageSize > MAX_PAGE) {
      throw invalid(`page_size is 1 to ${MAX_PAGE}, or 0 for ${DEFAULT_PAGE}; not ${pageSize}`);
    }
    if (!this.parts.view.loaded) {
      throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    }
  }

  private async page(request: Request, strong: boolean, tasksOf: TasksOf): Promise<Made<Answer>> {
    const { version } = this.parts.pulse;
    const byName = isPlain(request);
    const countsAll = request.prefix === '' && request.nodeId === '';
    const order =
      byName && (!request.status || countsAll) ? undefined : await this.parts.orders.order(request);
    const { resources, nextPageToken, total } =
      byName || order === undefined
        ? await this.pageByName(request, strong)
        : this.pageOf(order.names, request);
    const tasks = request.status ? await tasksOf(resources.map(({ record }) => record)) : undefined;
    const counts = order === undefined ? this.counts() : countsOf(order.counts);
    return {
      version: Math.min(version, order?.version ?? version),
      value: {
        resources: resources.map(({ record, epoch }) =>
          resourceMessage(record, epoch, {
            task: tasks && taskMessage(record, tasks.get(record.name)),
          }),
        ),
        nextPageToken,
        total,
        counts: request.status ? counts : [],
      },
    };
  }

  private async pageByName(request: Request, strong: boolean): Promise<Page> {
    const { prefix, nodeId } = request;
    const after = pageToken.nameOf(request.pageToken);
    const query = {
      limit: request.pageSize || DEFAULT_PAGE,
      prefix,
      ...(after === undefined ? {} : { after }),
      ...(nodeId === '' ? {} : { nodeId }),
    };
    const { view, etcd } = this.parts;
    const { resources, next, total } = strong ? await pageOfEtcd(etcd, query) : view.state.list(query);
    return { resources, nextPageToken: next === undefined ? '' : pageToken.afterName(next), total };
  }

  private pageOf(names: readonly string[], request: Request): Page {
    const from = pageToken.offsetOf(request.pageToken) ?? request.offset;
    const end = from + (request.pageSize || DEFAULT_PAGE);
    const { state } = this.parts.view;
    return {
      resources: names.slice(from, end).flatMap((name) => state.get(name) ?? []),
      nextPageToken: end < names.length ? pageToken.at(end) : '',
      total: names.length,
    };
  }

  private knownTasks(records: readonly ResourceRecord[]): Promise<Reports> {
    return Promise.resolve(new Map(records.flatMap((record) => this.known(record))));
  }

  /** Workers that have not told of their tasks are asked. */
  private async askedTasks(records: readonly ResourceRecord[]): Promise<Reports> {
    const { index, reports } = this.parts;
    const unknown = records.flatMap(({ name, assignedNode }) =>
      assignedNode === undefined || index.knows(assignedNode.id) ? [] : [{ name, nodeId: assignedNode.id }],
    );
    const asked = unknown.length === 0 ? [] : await reports.tasks(unknown);
    return new Map([...records.flatMap((record) => this.known(record)), ...asked]);
  }

  private known({ name, assignedNode }: ResourceRecord): [string, TaskReport][] {
    const report = assignedNode && this.parts.index.status(assignedNode.id, name);
    return report === undefined ? [] : [[name, report]];
  }
}

type Request = cluster.ListResourcesRequest;
type Answer = cluster.ListResourcesResponse;
type Page = Pick<Answer, 'nextPageToken' | 'total'> & { readonly resources: readonly StoredResource[] };
type Reports = ReadonlyMap<string, worker.TaskStatus | 'unknown'>;
type TasksOf = (records: readonly ResourceRecord[]) => Promise<Reports>;

const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;

/** Whether it needs no order but that of names, in which it is told without being behind. */
function isPlain({ sort, states, query, offset }: Request): boolean {
  return (sort === '' || sort === 'name') && states.length === 0 && query === '' && offset === 0;
}

function countsOf(counts: ReadonlyMap<string, number>): cluster.StateCount[] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([state, count]) => ({ state, count }));
}

function invalid(message: string): OrbweaverError {
  return new OrbweaverError('INVALID_ARGUMENT', message);
}
