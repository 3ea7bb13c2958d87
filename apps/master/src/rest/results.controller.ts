import { Controller, Get } from '@nestjs/common';
import type { worker } from '@app/proto';
import { CallerSignal, type RestFile, RestRpc, RpcRequest } from '@app/transport';
import { Results } from '../api/results.js';
import * as examples from './examples.js';
import { fileOfChunks } from './file-of-chunks.js';

/** What crawls have stored. */
@Controller('crawler')
export class ResultsRestController {
  constructor(private readonly results: Results) {}

  @Get('resource/:name/items')
  @RestRpc('Cluster.ExportItems', { summary: 'Items, as a file', files: examples.itemFiles })
  async exportItems(
    @RpcRequest() request: worker.ExportItemsRequest,
    @CallerSignal() signal: AbortSignal,
  ): Promise<RestFile> {
    return fileOfChunks(await this.results.exportItems(request, signal));
  }

  @Get('resource/:name/items/page')
  @RestRpc('Cluster.ListItems', { summary: 'Items page by page', answer: examples.items })
  listItems(@RpcRequest() request: worker.ListItemsRequest): Promise<worker.ListItemsResponse> {
    return this.results.items(request);
  }

  @Get('resource/:name/pages')
  @RestRpc('Cluster.ListPages', { summary: 'The pages that the crawl has stored', answer: examples.pages })
  listPages(@RpcRequest() request: worker.ListPagesRequest): Promise<worker.ListPagesResponse> {
    return this.results.pages(request);
  }
}
