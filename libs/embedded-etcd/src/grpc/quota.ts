import { EtcdError } from '../etcd-error.js';

/**
 * The limit on what the store holds. Like etcd's it stops what would add, never what deletes or compacts; unlike
 * etcd's it needs no alarm to be disarmed: as soon as there is room again, there is room.
 */
export class Quota {
  constructor(
    private readonly limitBytes: number,
    private readonly usedBytes: () => number,
  ) {}

  /** Refuses to add about `cost` bytes if they do not fit. */
  check(cost: number): void {
    if (cost > 0 && this.usedBytes() + cost >= this.limitBytes) throw new EtcdError('NoSpace');
  }
}
