import { OrbweaverError } from '@app/errors';
import type { cluster, worker } from '@app/proto';
import type { NodeRef } from '@app/resources';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { ProcessClients } from '../nodes/process-clients.js';

/** Profiles of any node, through whichever master is asked. */
export class Profiles {
  constructor(
    private readonly services: readonly Pick<ServiceNodes, 'get' | 'all'>[],
    private readonly clients: ProcessClients,
    /** Fires when this master closes. */
    private readonly ending: AbortSignal,
  ) {}

  /** Its pieces, as the node sends them, the first of which names the file by the node. */
  async *take(
    { nodeId, kind, seconds }: cluster.TakeProfileRequest,
    caller: AbortSignal,
  ): AsyncGenerator<worker.ExportChunk> {
    const signal = AbortSignal.any([caller, this.ending]);
    const stepTimeoutMs = STEP_TIMEOUT_MS + Math.min(seconds || DEFAULT_SECONDS, MAX_SECONDS) * 1_000;
    const pieces = this.clients.takeProfile(this.node(nodeId), { kind, seconds }, stepTimeoutMs, signal);
    for await (const piece of pieces) {
      yield piece.fileName === '' ? piece : { ...piece, fileName: `${nodeId}-${piece.fileName}` };
    }
  }

  private node(id: string): NodeRef {
    for (const nodes of this.services) {
      const found = nodes.get(id);
      if (found !== undefined) return found;
    }
    const all = this.services.flatMap((nodes) => nodes.all().map((node) => node.id)).sort();
    const more = all.length > MAX_NAMED ? `, and ${all.length - MAX_NAMED} more` : '';
    const known = all.length === 0 ? 'none is' : `these are: ${all.slice(0, MAX_NAMED).join(', ')}${more}`;
    throw new OrbweaverError('NOT_FOUND', `no node ${JSON.stringify(id)} is registered; ${known}`);
  }
}

/** Beyond the time that a profile lasts. */
const STEP_TIMEOUT_MS = 15_000;
const DEFAULT_SECONDS = 10;
/** What a node takes; it refuses more at once. */
const MAX_SECONDS = 300;
const MAX_NAMED = 20;
