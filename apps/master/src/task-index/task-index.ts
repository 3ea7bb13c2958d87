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

  begin(nodeId: string): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) this.#nodes.set(nodeId, { rows: new Map(), stream: 1, isWhole: false });
    else node.stream++;
  }

  /** There must be a stream of that worker. */
  apply(nodeId: string, { tasks, gone, synced }: worker.TaskChanges): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) return;
    const { rows, stream } = node;
    const before = rows.size;
    for (const name of gone) rows.delete(name);
    for (const task of tasks) rows.set(task.name, rowOf(task, stream));
    if (synced) {
      for (const [name, row] of rows) if (row.stream !== stream) rows.delete(name);
      node.isWhole = true;
    }
    this.#size += rows.size - before;
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

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface NodeTasks {
  readonly rows: Map<string, TaskRow>;
  /** Which of its streams this is, from 1. */
  stream: number;
  isWhole: boolean;
}
