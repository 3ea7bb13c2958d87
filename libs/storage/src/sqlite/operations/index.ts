import { ack } from './ack.js';
import { acquireGates } from './acquire-gates.js';
import { appendLines } from './append-lines.js';
import { claim, readClaim } from './claim.js';
import { failHost } from './fail-host.js';
import { finish } from './finish.js';
import { readHistory } from './history.js';
import { listGates } from './list-gates.js';
import { listHosts } from './list-hosts.js';
import { listItems } from './list-items.js';
import { listPages } from './list-pages.js';
import { leaseMessages, settleMessage } from './outbox.js';
import { lastLine, readLines } from './read-lines.js';
import { readProgress } from './read-progress.js';
import { release } from './release.js';
import { releaseGates, renewGates } from './renew-gates.js';
import { requeue } from './requeue.js';
import { readRobots, saveRobots } from './robots.js';
import { take } from './take.js';

/** Operations that change nothing: they need no lock. */
export const reads = {
  lastLine,
  listGates,
  listItems,
  listPages,
  readClaim,
  readHistory,
  readLines,
  readProgress,
  readRobots,
  release,
};

/** Each is done as a whole within a transaction. An OrbweaverError is thrown before anything is changed. */
export const writes = {
  ack,
  acquireGates,
  appendLines,
  claim,
  failHost,
  finish,
  leaseMessages,
  listHosts,
  releaseGates,
  renewGates,
  requeue,
  saveRobots,
  settleMessage,
  take,
};

export type Operations = typeof reads & typeof writes;
