import { Injectable } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import { EtcdClient } from '@app/etcd';
import type { cluster } from '@app/proto';
import { decodeReplacedSpec, keys } from '@app/resources';
import { ClusterView } from '../cluster-view/cluster-view.js';
import { timestampOf } from '../cluster-view/resource-message.js';

/** What resources crawled before their present spec, as etcd keeps it. */
@Injectable()
export class SpecHistory {
  constructor(
    private readonly view: ClusterView,
    private readonly etcd: EtcdClient,
  ) {}

  async list({ name }: cluster.ListSpecsRequest): Promise<cluster.ListSpecsResponse> {
    const { entries } = await this.etcd.range({ prefix: keys.specHistory(name) });
    if (entries.length === 0) this.mustExist(name);
    const replaced = entries.flatMap(({ key, value }) => decodeReplacedSpec(key, value) ?? []);
    const specs = replaced.map(({ spec, replacedAt, revision }) => ({
      spec,
      replacedAt: timestampOf(replacedAt),
      revision,
    }));
    return { specs: specs.toReversed() };
  }

  private mustExist(name: string): void {
    if (!this.view.loaded) throw new OrbweaverError('UNAVAILABLE', 'the resources are still being loaded');
    if (this.view.state.get(name) === undefined) throw new OrbweaverError('NOT_FOUND', 'no such task');
  }
}
