/** Names in the order of when they are due; each once. A binary heap whose outdated entries are passed over. */
export class Timetable {
  private heap: Entry[] = [];
  private readonly entries = new Map<string, Entry>();

  get size(): number {
    return this.entries.size;
  }

  set(name: string, at: number): void {
    const entry: Entry = { name, at };
    this.entries.set(name, entry);
    this.push(entry);
    if (this.heap.length > 2 * this.entries.size + SLACK) this.rebuild();
  }

  delete(name: string): void {
    this.entries.delete(name);
  }

  /** When the first is due; undefined without any. */
  get nextAt(): number | undefined {
    return this.first()?.at;
  }

  /** Takes out who is due, at most so many, the longest due first. */
  takeDue(now: number, limit: number): string[] {
    const due: string[] = [];
    while (due.length < limit) {
      const first = this.first();
      if (first === undefined || first.at > now) break;
      this.pop();
      this.entries.delete(first.name);
      due.push(first.name);
    }
    return due;
  }

  private first(): Entry | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined || this.entries.get(top.name) === top) return top;
      this.pop();
    }
  }

  private rebuild(): void {
    this.heap = [...this.entries.values()].sort((a, b) => a.at - b.at);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt]!;
      if (parent.at <= entry.at) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      const right = heap[childAt + 1];
      if (right !== undefined && right.at < heap[childAt]!.at) childAt++;
      const child = heap[childAt];
      if (child === undefined || child.at >= last.at) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}

interface Entry {
  readonly name: string;
  readonly at: number;
}

const SLACK = 1_000;
