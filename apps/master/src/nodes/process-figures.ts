import type { process as proto } from '@app/proto';
import type { NodeRef } from '@app/resources';
import { StatusError } from '@app/transport';
import type { ProcessClients } from './process-clients.js';

/** What nodes say of their process, of those that answer at once. */
export class ProcessFigures {
  constructor(private readonly clients: Pick<ProcessClients, 'status'>) {}

  /** By node id. */
  async read(nodes: readonly NodeRef[]): Promise<Map<string, proto.ProcessStatus>> {
    const figures = new Map<string, proto.ProcessStatus>();
    await Promise.all(
      nodes.map(async (node) => {
        try {
          figures.set(node.id, await this.clients.status(node, TIMEOUT_MS));
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
        }
      }),
    );
    return figures;
  }
}

const TIMEOUT_MS = 300;
