/**
 * Assignment keys that do not agree with their resource's record: few, so they are kept whole, while those
 * that agree are only an epoch in the table.
 */
export class AssignmentStrays {
  readonly #byName = new Map<string, Map<string, Stray>>();

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  get(name: string, nodeId: string): Stray | undefined {
    return this.#byName.get(name)?.get(nodeId);
  }

  nodeIds(name: string): string[] {
    return [...(this.#byName.get(name)?.keys() ?? [])];
  }

  set(name: string, nodeId: string, stray: Stray): void {
    const strays = this.#byName.get(name);
    if (strays === undefined) this.#byName.set(name, new Map([[nodeId, stray]]));
    else strays.set(nodeId, stray);
  }

  delete(name: string, nodeId: string): void {
    const strays = this.#byName.get(name);
    if (strays?.delete(nodeId) && strays.size === 0) this.#byName.delete(name);
  }
}

export interface Stray {
  text: string;
  modRevision: bigint;
}
