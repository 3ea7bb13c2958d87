import { Injectable } from '@nestjs/common';
import { OrbweaverError, isOrbweaverError } from '@app/errors';
import { EtcdClient } from '@app/etcd';
import { decodeControl, decodeSchedule, keys, type Control, type ResourceRecord } from '@app/resources';
import type { Standing } from '../assignment/changes.js';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { Leading } from '../leadership/leading.js';
import { FiringTimes } from '../schedules/firing-times.js';
import { WorkerReports, type TaskReport } from '../workers/worker-reports.js';

/** One resource with everything that is known of it. */
export interface ResourceDetail extends Standing {
  /** These three are missing as well while etcd does not answer: the rest is known without it. */
  readonly spec: string | undefined;
  readonly control: Control | undefined;
  /** In milliseconds since 1970; undefined without a schedule, and while it is paused. */
  readonly nextRunAt: number | undefined;
  readonly report: TaskReport | undefined;
}

@Injectable()
export class ResourceDetails {
  private readonly firingTimes = new FiringTimes();

  constructor(
    private readonly view: ClusterView,
    private readonly leading: Leading,
    private readonly etcd: EtcdClient,
    private readonly reports: WorkerReports,
  ) {}

  /** From the view, or `strong` as etcd has it, on the leader. NOT_FOUND when there is no such resource. */
  async read(name: string, strong = false): Promise<ResourceDetail> {
    const beside = [keys.spec(name), keys.control(name), keys.schedule(name)];
    const found: (Standing & { others?: Texts }) | undefined = strong
      ? await this.leading.assigner.read(name, beside)
      : this.seen(name);
    if (found === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
    const { record, revision } = found;
    const nodeId = record.assignedNode?.id;
    const [texts, reports] = await Promise.all([
      found.others ?? this.texts(beside),
      nodeId === undefined ? undefined : this.reports.tasks([{ name, nodeId }]),
    ]);
    return { record, revision, report: reports?.get(name), ...this.wanted(record, texts) };
  }

  private wanted(
    { id }: ResourceRecord,
    texts: Texts | undefined,
  ): Pick<ResourceDetail, 'spec' | 'control' | 'nextRunAt'> {
    if (texts === undefined) return { spec: undefined, control: undefined, nextRunAt: undefined };
    const [spec, controlText, scheduleText] = texts;
    const control = decodeControl(controlText, id);
    const schedule = scheduleText === undefined ? undefined : decodeSchedule(scheduleText);
    const fires = schedule?.resourceId === id && !control.paused;
    return {
      spec,
      control,
      nextRunAt: fires ? this.firingTimes.nextAt(schedule, schedule.settledAt) : undefined,
    };
  }

  private seen(name: string): Standing | undefined {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    const found = this.view.state.get(name);
    return found && { record: found.record, revision: found.epoch };
  }

  private async texts(wanted: readonly string[]): Promise<Texts | undefined> {
    try {
      const found = await Promise.all(
        wanted.map((key) => this.etcd.get(key, { timeoutMs: BESIDE_TIMEOUT_MS })),
      );
      return found.map((kv) => kv?.value);
    } catch (error) {
      if (isOrbweaverError(error) && error.retry === 'later') return undefined;
      throw error;
    }
  }
}

type Texts = readonly (string | undefined)[];

const BESIDE_TIMEOUT_MS = 1_000;
