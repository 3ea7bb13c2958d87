import { OrbweaverError } from '@app/errors';
import { EtcdError } from '../etcd-error.js';
import type { LeaseImage } from '../lease/lessor.js';
import type { StoreImage } from '../mvcc/store.js';
import { operationOf } from './operations.js';
import type { LogEntry } from './replica.js';
import type { StateMachine } from './state-machine.js';

/** Brings a new machine to where the log ends. What was refused then is refused again. */
export function recover(
  machine: StateMachine,
  image: StoreImage & { leases: Iterable<LeaseImage> },
  entries: Iterable<LogEntry>,
): void {
  machine.lessor.restore(image.leases);
  machine.store.restore(image);
  for (const { code, payload } of entries) {
    const operation = operationOf(code);
    if (operation === undefined) {
      throw new OrbweaverError(
        'FAILED_PRECONDITION',
        `the log has an operation ${code}: it is of a newer version`,
      );
    }
    try {
      operation.apply(machine, operation.request.decode(payload));
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    }
  }
  machine.lessor.resume();
}
