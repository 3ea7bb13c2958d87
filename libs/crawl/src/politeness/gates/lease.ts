/** The right to send requests to a host, as the store has granted it. */
export class Lease {
  /** On the monotonic clock, before the store counts it as over. */
  until = 0;
  renewAt = 0;

  constructor(
    readonly fence: number,
    public renewedAt: number,
    leaseMs: number,
  ) {
    this.renewed(renewedAt, leaseMs);
  }

  /** `askedAt`: right before the store was asked for it. */
  renewed(askedAt: number, leaseMs: number): void {
    this.renewedAt = askedAt;
    this.renewAt = askedAt + leaseMs / 3;
    this.until = askedAt + leaseMs * 0.95;
  }
}
