/** A binary heap whose members know their place, so that one that was renewed moves in O(log n). */
export interface Expiring {
  expiresAt: number;
  /** Kept by the heap; -1 outside of it. */
  heapPosition: number;
}

export class ExpiryHeap<T extends Expiring> {
  private readonly members: T[] = [];

  get first(): T | undefined {
    return this.members[0];
  }

  add(member: T): void {
    this.place(member, this.members.length);
    this.rise(member);
  }

  /** After `expiresAt` has changed. Puts the member back if it had been removed. */
  update(member: T): void {
    if (member.heapPosition < 0) {
      this.add(member);
      return;
    }
    this.rise(member);
    this.sink(member);
  }

  remove(member: T): void {
    const position = member.heapPosition;
    if (position < 0) return;
    member.heapPosition = -1;
    const last = this.members.pop()!;
    if (last === member) return;
    this.place(last, position);
    this.rise(last);
    this.sink(last);
  }

  private rise(member: T): void {
    while (member.heapPosition > 0) {
      const parent = this.members[(member.heapPosition - 1) >>> 1]!;
      if (parent.expiresAt <= member.expiresAt) return;
      this.swap(parent, member);
    }
  }

  private sink(member: T): void {
    for (;;) {
      const left = this.members[2 * member.heapPosition + 1];
      const right = this.members[2 * member.heapPosition + 2];
      const child = right && left && right.expiresAt < left.expiresAt ? right : left;
      if (child === undefined || child.expiresAt >= member.expiresAt) return;
      this.swap(member, child);
    }
  }

  private swap(a: T, b: T): void {
    const position = a.heapPosition;
    this.place(a, b.heapPosition);
    this.place(b, position);
  }

  private place(member: T, position: number): void {
    member.heapPosition = position;
    this.members[position] = member;
  }
}
