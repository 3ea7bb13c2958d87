import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { status } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import { traceParent } from '@app/observability';
import type { cluster, crawler } from '@app/proto';
import { StatusError } from '@app/transport';

/** How the gatherer reaches the leader. */
export interface AddPort {
  add(request: crawler.ResourceSpec, timeoutMs: number): Promise<crawler.NodeSpec>;
  addAll(
    request: cluster.AddResourcesRequest,
    traceParents: readonly (string | undefined)[],
    timeoutMs: number,
  ): Promise<cluster.AddResourcesResponse>;
}

/**
 * Group commit for the hop: an add that comes alone goes to the leader as it is, those that come while others are
 * under way go together, as one call. A call between two masters costs both more than all else that an add needs.
 */
export class AddGatherer {
  private waiting: Waiting[] = [];
  private inFlight = 0;
  private flushIsDue = false;
  /** The leader is a program that knows the original's calls only. */
  private oneByOne = false;

  constructor(
    private readonly leader: AddPort,
    private readonly maxWaiting = 20_000,
  ) {}

  add(request: crawler.ResourceSpec, timeoutMs: number): Promise<crawler.NodeSpec> {
    if (this.oneByOne) return this.leader.add(request, timeoutMs);
    if (this.waiting.length >= this.maxWaiting) {
      const message = `${this.maxWaiting} adds wait to be forwarded already`;
      return Promise.reject(new OrbweaverError('RESOURCE_EXHAUSTED', message));
    }
    return new Promise((resolve, reject) => {
      const deadlineAt = performance.now() + timeoutMs;
      this.waiting.push({ request, within: context.active(), deadlineAt, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.flushIsDue || !this.mayStart()) return;
    this.flushIsDue = true;
    setImmediate(() => {
      this.flushIsDue = false;
      // Not in the context of whose add happened to be the first of a batch.
      context.with(ROOT_CONTEXT, () => {
        while (this.mayStart()) void this.send(this.takeBatch());
      });
    });
  }

  private mayStart(): boolean {
    if (this.waiting.length === 0) return false;
    return this.inFlight === 0 || (this.inFlight < MAX_IN_FLIGHT && this.waiting.length >= MAX_GATHERED);
  }

  private takeBatch(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { request } of this.waiting) {
      size += request.spec.length;
      if (count === MAX_GATHERED || (count > 0 && size > MAX_SPECS_SIZE)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async send(gathered: Waiting[]): Promise<void> {
    this.inFlight++;
    try {
      const [first, ...others] = gathered;
      if (first !== undefined && others.length === 0) first.resolve(await this.sendAlone(first));
      else await this.sendTogether(gathered);
    } catch (error) {
      for (const { reject } of gathered) reject(error);
    } finally {
      this.inFlight--;
      this.schedule();
    }
  }

  private sendAlone(one: Waiting): Promise<crawler.NodeSpec> {
    return context.with(one.within, () => this.leader.add(one.request, leftMs([one])));
  }

  private async sendTogether(gathered: readonly Waiting[]): Promise<void> {
    const resources = gathered.map(({ request: { name, spec } }) => ({ name, spec }));
    let results: cluster.AddResourceResult[];
    try {
      const traceParents = gathered.map(({ within }) => traceParent(within));
      ({ results } = await this.leader.addAll({ resources }, traceParents, leftMs(gathered)));
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== status.UNIMPLEMENTED) throw error;
      this.oneByOne = true;
      for (const one of gathered) this.sendAlone(one).then(one.resolve, one.reject);
      return;
    }
    for (const [i, { resolve, reject }] of gathered.entries()) {
      const result = results[i];
      if (result?.code === 0) resolve({ id: result.nodeId, Address: result.nodeAddress });
      else reject(new StatusError({ code: statusOf(result?.code), message: result?.message ?? '' }));
    }
  }
}

interface Waiting {
  readonly request: crawler.ResourceSpec;
  /** The trace that it is part of. */
  readonly within: Context;
  readonly deadlineAt: number;
  readonly resolve: (answer: crawler.NodeSpec) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_GATHERED = 64;
const MAX_IN_FLIGHT = 4;
/** UTF-16 units; a call may have 4 MiB. */
const MAX_SPECS_SIZE = 500_000;

/** Of the one that waits longest: who gives up before has gone by itself. */
function leftMs(gathered: readonly Waiting[]): number {
  return Math.max(1, ...gathered.map(({ deadlineAt }) => deadlineAt - performance.now()));
}

function statusOf(code: number | undefined): status {
  const name = status[code ?? status.UNKNOWN] as keyof typeof status | undefined;
  return name === undefined ? status.UNKNOWN : status[name];
}
