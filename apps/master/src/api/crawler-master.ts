import { Injectable } from '@nestjs/common';
import type { crawler } from '@app/proto';
import { Leading } from '../leadership/leading.js';

/** The original's two calls. Handlers run on the leader. */
@Injectable()
export class CrawlerMaster {
  constructor(private readonly leading: Leading) {}

  async addResource({ name, spec }: crawler.ResourceSpec, pending: boolean): Promise<crawler.NodeSpec> {
    const { record } = await this.leading.assigner.add({ name, spec, pending });
    return { id: record.assignedNode?.id ?? '', Address: record.assignedNode?.address ?? '' };
  }

  async deleteResource({ name }: crawler.ResourceSpec): Promise<void> {
    await this.leading.assigner.remove(name);
  }
}
