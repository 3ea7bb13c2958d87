import { Injectable } from '@nestjs/common';
import type { cluster, process as proto } from '@app/proto';
import { timestampOf } from '../cluster-view/resource-message.js';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { Latest } from '../leadership/latest.js';
import type { KnownLeader } from '../leadership/leader-watch.js';
import type { Terms } from '../leadership/terms.js';
import type { ProcessFigures } from '../nodes/process-figures.js';

/** The masters that are registered, and who of them leads. */
@Injectable()
export class Masters {
  constructor(
    private readonly nodes: ServiceNodes,
    private readonly leader: Latest<KnownLeader | undefined>,
    private readonly terms: Pick<Terms, 'present' | 'lastEnd'>,
    private readonly processes: ProcessFigures,
  ) {}

  get haveLeader(): boolean {
    return this.leader.value !== undefined;
  }

  async list(): Promise<cluster.ListMastersResponse> {
    return this.known(await this.figures());
  }

  /** By id, of those that answer at once. */
  figures(): Promise<ReadonlyMap<string, proto.ProcessStatus>> {
    return this.processes.read(this.nodes.all());
  }

  known(figures: ReadonlyMap<string, proto.ProcessStatus>): cluster.ListMastersResponse {
    const leader = this.leader.value;
    const begun = this.terms.present.value;
    const end = this.terms.lastEnd.value;
    const masters = this.nodes.all().map(({ id, address }) => ({
      id,
      address,
      leader: address === leader?.address,
      memory: figures.get(id)?.memory ?? 0n,
      version: figures.get(id)?.version ?? '',
      startedAt: figures.get(id)?.startedAt,
    }));
    return {
      lastEnd: end && { ...end, at: timestampOf(end.at) },
      masters: masters.sort((a, b) => (a.id < b.id ? -1 : 1)),
      leader: leader && {
        value: leader.value,
        address: leader.address ?? '',
        term: leader.term,
        since: timestampOf(begun?.term === leader.term ? begun.since : leader.since),
      },
    };
  }
}
