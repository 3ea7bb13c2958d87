import type { worker } from '@app/proto';
import { rowOf, statusOf, type TaskRow } from './task-row.js';

/**
 * What every worker says of its tasks, as it said it last. It is fed with the streams of the workers: `begin` when
 * one is opened, `apply` with each message, `drop` when its worker is gone or has been silent for too long. What a
 * worker told in the stream before stays until the new one has told all (`synced`).
 */
export class TaskIndex {
  readonly #nodes = new Map<string, NodeTasks>();
  readonly #listeners = new Set<() => void>();
  readonly #endListeners = new Set<(status: worker.TaskStatus) => void>();
  #size = 0;

  /** How many tasks are known. */
  get size(): number {
    return this.#size;
  }

  /** Called after each change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called for each run that comes to its end while its worker is followed. Returns how to stop that. */
  onRunEnd(listener: (status: worker.TaskStatus) => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  begin(nodeId: string): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) this.#nodes.set(nodeId, new NodeTasks());
    else node.stream++;
  }

  /** There must be a stream of that worker. */
  apply(nodeId: string, { tasks, gone, synced }: worker.TaskChanges): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    const before = node.rows.size;
    for (const name of gone) node.delete(name);
    for (const task of tasks) {
      const known = node.rows.get(task.name);
      // What had ended before this worker was followed is no news.
      const isNews = known === undefined ? node.isWhole : !known.endedHere || known.epoch !== task.epoch;
      node.set(task.name, rowOf(task, node.stream));
      if (task.endedHere && isNews) for (const told of this.#endListeners) told(task);
    }
    if (synced) {
      for (const [name, { stream }] of node.rows) if (stream !== node.stream) node.delete(name);
      node.isWhole = true;
    }
    this.#size += node.rows.size - before;
    this.#changed();
  }

  drop(nodeId: string): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    this.#nodes.delete(nodeId);
    this.#size -= node.rows.size;
    this.#changed();
  }

  /** Whether that worker has told of all its tasks. */
  knows(nodeId: string): boolean {
    return this.#nodes.get(nodeId)?.isWhole === true;
  }

  /** `unknown`: its worker does not know it (yet). Undefined where that worker has not told (yet). */
  row(nodeId: string, name: string): TaskRow | 'unknown' | undefined {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return undefined;
    return node.rows.get(name) ?? (node.isWhole ? 'unknown' : undefined);
  }

  /** The same as the message that tells of it. */
  status(nodeId: string, name: string): worker.TaskStatus | 'unknown' | undefined {
    const row = this.row(nodeId, name);
    return typeof row === 'object' ? statusOf(row, name, nodeId) : row;
  }

  /**
   * How many of all tasks are in each state, without looking at them: `load` is how many resources each worker has,
   * as etcd says. A task that is being moved may count where it was.
   */
  counts(nodes: Iterable<{ readonly id: string; readonly load: number }>): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (state: string, count: number): void => {
      if (count > 0) counts.set(state, (counts.get(state) ?? 0) + count);
    };
    for (const { id, load } of nodes) {
      const node = this.#nodes.get(id);
      for (const [state, count] of node?.counts ?? []) add(state, count);
      add(node?.isWhole ? 'pending' : '', load - (node?.rows.size ?? 0));
    }
    return counts;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

class NodeTasks {
  readonly rows = new Map<string, TaskRow>();
  /** By state. */
  readonly counts = new Map<string, number>();
  /** Which of its streams this is, from 1. */
  stream = 1;
  isWhole = false;

  set(name: string, row: TaskRow): void {
    this.count(this.rows.get(name), -1);
    this.rows.set(name, row);
    this.count(row, 1);
  }

  delete(name: string): void {
    this.count(this.rows.get(name), -1);
    this.rows.delete(name);
  }

  private count(row: TaskRow | undefined, by: 1 | -1): void {
    if (row !== undefined) this.counts.set(row.state, (this.counts.get(row.state) ?? 0) + by);
  }
}
