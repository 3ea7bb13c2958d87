import { Controller } from '@nestjs/common';
import { crawler } from '@app/proto';
import { RpcRequest } from '@app/transport';
import { Pending } from '../api/call-options.js';
import { CrawlerMaster } from '../api/crawler-master.js';
import { LeaderOnly } from '../forwarding/leader-only.js';

@Controller()
@crawler.CrawlerMasterControllerMethods()
export class CrawlerMasterGrpcController {
  constructor(private readonly crawlerMaster: CrawlerMaster) {}

  @LeaderOnly()
  addResource(
    @RpcRequest() request: crawler.ResourceSpec,
    @Pending() pending: boolean,
  ): Promise<crawler.NodeSpec> {
    return this.crawlerMaster.addResource(request, pending);
  }

  @LeaderOnly()
  deleteResource(@RpcRequest() request: crawler.ResourceSpec): Promise<void> {
    return this.crawlerMaster.deleteResource(request);
  }
}
