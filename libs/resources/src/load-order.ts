/**
 * Nodes by their load: the least loaded one in constant time, and of several equally loaded ones the one that
 * has waited longest, so ties go round.
 */
export class LoadOrder<T extends { readonly load: number }> {
  readonly #links = new Map<T, Link<T>>();
  /** A ring for each load that some node has; its head stands for no node. */
  readonly #rings = new Map<number, Link<T>>();
  /** The lowest load, undefined where it has to be looked for. */
  #least: number | undefined;

  get size(): number {
    return this.#links.size;
  }

  has(node: T): boolean {
    return this.#links.has(node);
  }

  add(node: T): void {
    const link = linkOf<T>(node.load, node);
    this.#links.set(node, link);
    this.#append(link);
  }

  delete(node: T): void {
    const link = this.#links.get(node);
    if (link === undefined) return;
    this.#links.delete(node);
    this.#unlink(link);
  }

  /** The node's load is another now. */
  changed(node: T): void {
    const link = this.#links.get(node);
    if (link === undefined || link.load === node.load) return;
    const before = link.load;
    const wasLeast = before === this.#least;
    this.#unlink(link);
    link.load = node.load;
    this.#append(link);
    // The last of the least loaded got one more: all others had at least as many.
    if (wasLeast && this.#least === undefined && node.load === before + 1) this.#least = node.load;
  }

  least(): T | undefined {
    if (this.#links.size === 0) return undefined;
    this.#least ??= extreme(this.#rings.keys(), (a, b) => a < b);
    return this.#rings.get(this.#least)?.after.node;
  }

  most(): T | undefined {
    if (this.#links.size === 0) return undefined;
    return this.#rings.get(extreme(this.#rings.keys(), (a, b) => a > b))?.after.node;
  }

  #append(link: Link<T>): void {
    let head = this.#rings.get(link.load);
    if (head === undefined) {
      head = linkOf<T>(link.load);
      this.#rings.set(link.load, head);
    }
    link.before = head.before;
    link.after = head;
    head.before.after = link;
    head.before = link;
    if (this.#least !== undefined && link.load < this.#least) this.#least = link.load;
  }

  #unlink(link: Link<T>): void {
    link.before.after = link.after;
    link.after.before = link.before;
    if (link.before !== link.after) return;
    this.#rings.delete(link.load);
    if (this.#least === link.load) this.#least = undefined;
  }
}

interface Link<T> {
  readonly node: T | undefined;
  load: number;
  before: Link<T>;
  after: Link<T>;
}

/** A ring of itself alone. */
function linkOf<T>(load: number, node?: T): Link<T> {
  const link = { node, load } as Link<T>;
  link.before = link.after = link;
  return link;
}

function extreme(loads: Iterable<number>, better: (a: number, b: number) => boolean): number {
  let best: number | undefined;
  for (const load of loads) if (best === undefined || better(load, best)) best = load;
  return best ?? 0;
}
