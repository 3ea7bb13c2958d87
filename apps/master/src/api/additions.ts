import { Inject, Injectable } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { OrbweaverError, isOrbweaverError } from '@app/errors';
import { inSpan, pinnedLogger, remoteContext, type Logger } from '@app/observability';
import type { cluster } from '@app/proto';
import { MASTER_SERVICE } from '@app/registry';
import { ErrorAnswers, LOGGER, rpcAttributes, rpcNamed } from '@app/transport';
import type { Assigner } from '../assignment/assigner.js';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { Leading } from '../leadership/leading.js';

/** Resources by the batch, and their specs. Handlers run on the leader. */
@Injectable()
export class Additions {
  private readonly gatheredLog: Logger;

  constructor(
    private readonly leading: Leading,
    private readonly errors: ErrorAnswers,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.gatheredLog = pinnedLogger(logger);
  }

  addAll(request: cluster.AddResourcesRequest, pending: boolean): Promise<cluster.AddResourcesResponse> {
    return this.addEach(request, (assigner, entry) => this.addOne(assigner, { ...entry, pending }));
  }

  /** Each entry is an AddResource of its own: logged as one, and in its own trace. */
  addGathered(
    request: cluster.AddResourcesRequest,
    traceParents: readonly string[],
  ): Promise<cluster.AddResourcesResponse> {
    return this.addEach(request, (assigner, entry, i) => {
      const add = (): Promise<cluster.AddResourceResult> => {
        this.gatheredLog.info(
          { method: ADD, Service: MASTER_SERVICE, 'request param:': { name: entry.name } },
          'receive request',
        );
        return this.addOne(assigner, { ...entry, pending: false });
      };
      const traceparent = traceParents[i];
      if (!traceparent) return add();
      const rpc = rpcNamed(ADD);
      const span = { kind: SpanKind.SERVER, attributes: rpcAttributes(rpc) };
      return inSpan(rpc.definition.path.slice(1), span, add, remoteContext({ traceparent }));
    });
  }

  private async addEach(
    { resources }: cluster.AddResourcesRequest,
    add: (assigner: Assigner, entry: cluster.ResourceEntry, i: number) => Promise<cluster.AddResourceResult>,
  ): Promise<cluster.AddResourcesResponse> {
    if (resources.length > MAX_BATCH) {
      throw new OrbweaverError(
        'INVALID_ARGUMENT',
        `a batch is at most ${MAX_BATCH} resources, this one is ${resources.length}`,
      );
    }
    const { assigner } = this.leading;
    const results: Promise<cluster.AddResourceResult>[] = [];
    for (const [i, entry] of resources.entries()) {
      // Checking a thousand specs at once would keep all else waiting, the keep-alive of the lease too.
      if (i % CHUNK === CHUNK - 1) await new Promise(setImmediate);
      const result = add(assigner, entry, i);
      // It may fail before all are waited for.
      result.catch(() => undefined);
      results.push(result);
    }
    return { results: await Promise.all(results) };
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
}

const ADD = 'CrawlerMaster.AddResource';
const MAX_BATCH = 1_000;
const CHUNK = 50;
