import type { Logger } from '@app/observability';
import type { NodeRef } from '@app/resources';
import type { NodesObserver } from './service-nodes.js';

/** The lines of the contract about workers that come and go. */
export function workerLog(logger: Logger): NodesObserver {
  return {
    told: ({ action, service }) => {
      logger.info({ 'worker:': { Action: action, Service: service } }, 'watch worker change');
    },
    differed: ({ joined, gone, changed }) => {
      logger.info(`worker joined: ${ids(joined)}, leaved: ${ids(gone)}, changed: ${ids(changed)}`);
    },
    failed: (error) => {
      logger.warn({ error: String(error) }, 'workers cannot be watched');
    },
  };
}

function ids(nodes: readonly NodeRef[]): string {
  return `[${nodes.map(({ id }) => id).join(' ')}]`;
}
