import { setImmediate as breath } from 'node:timers/promises';
import type { CrawlProgress, Results } from '@app/crawl';
import type { Logger } from '@app/observability';
import type { worker as proto } from '@app/proto';
import { pause } from '../assignment/pause.js';
import type { Roster } from '../assignment/roster.js';
import type { TaskReports } from '../status/task-reports.js';
import { Bell } from './bell.js';
import { Untold } from './untold.js';

/**
 * How all tasks stand that are assigned here, for those who follow it: any number, each as fast as he likes. A
 * change is told within a tenth of a second, the figures of running tasks are told once a second. How far a task is
 * that does not run is read from the store once, behind everything else: until then it has no figures.
 */
export class TaskBoard {
  /** Of the assigned tasks that the store knows. */
  readonly #progress = new Map<string, CrawlProgress>();
  readonly #toRead = new Set<string>();
  readonly #reader = new Bell();
  /** Running tasks that the store knows more of than this board. */
  readonly #active = new Set<string>();
  readonly #followers = new Set<{ untold: Untold; bell: Bell }>();
  #isComplete = false;

  constructor(
    private readonly tasks: Pick<Roster, 'names' | 'has' | 'running'>,
    private readonly reports: Pick<TaskReports, 'of'>,
    private readonly results: Pick<Results, 'progress'>,
    private readonly logger: Pick<Logger, 'warn'>,
    /** Ends what there is to follow. */
    private readonly ending: AbortSignal,
  ) {}

  /** The status of a task is another, and perhaps what the store knows of it; or it is assigned here no more. */
  changed(name: string, inStore: boolean): void {
    if (this.tasks.has(name)) {
      if (inStore) this.#read(name);
    } else {
      this.#progress.delete(name);
      this.#toRead.delete(name);
      this.#active.delete(name);
    }
    this.#tell(name);
  }

  /** The store knows more of a task that runs. */
  advanced(name: string): void {
    this.#active.add(name);
  }

  /** All that is assigned is there. */
  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    for (const { untold, bell } of this.#followers) {
      untold.complete();
      bell.ring();
    }
  }

  /** Until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#readProgress(signal), this.#refresh(signal)]);
  }

  /** How all stand, and then every change, until the signal fires. The first message comes at once. */
  async *follow(signal: AbortSignal): AsyncGenerator<proto.TaskChanges, void, undefined> {
    const over = AbortSignal.any([signal, this.ending]);
    const follower = { untold: new Untold(this.tasks.names()), bell: new Bell() };
    const { untold, bell } = follower;
    this.#followers.add(follower);
    try {
      if (this.#isComplete) untold.complete();
      if (untold.isEmpty) yield { tasks: [], gone: [], synced: false };
      while (!over.aborted) {
        if (untold.isEmpty) {
          await bell.heard(over);
          await pause(GATHER_MS, over);
        } else {
          const { changed, gone, synced } = untold.next(MOST_TOLD, (name) => this.tasks.has(name));
          const tasks = changed.flatMap((name) => this.reports.of(name, this.#progress.get(name)) ?? []);
          if (tasks.length > 0 || gone.length > 0 || synced) yield { tasks, gone, synced };
          // A hundred thousand are told without keeping others waiting.
          await breath();
        }
      }
    } finally {
      this.#followers.delete(follower);
    }
  }

  #tell(name: string): void {
    const isThere = this.tasks.has(name);
    for (const { untold, bell } of this.#followers) {
      if (isThere) untold.changed(name);
      else untold.gone(name);
      bell.ring();
    }
  }

  #read(name: string): void {
    this.#toRead.add(name);
    this.#reader.ring();
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(REFRESH_MS, signal);
      if (signal.aborted) return;
      if (this.#followers.size === 0) continue;
      for (const name of this.tasks.running()) {
        if (this.#active.delete(name)) this.#read(name);
        else this.#tell(name);
      }
    }
  }

  async #readProgress(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#toRead.size === 0) await this.#reader.heard(signal);
      const names = this.#some();
      try {
        const found = await Promise.all(names.map((name) => this.results.progress(name)));
        for (const [index, name] of names.entries()) this.#keep(name, found[index]);
      } catch (error) {
        if (signal.aborted) return;
        this.logger.warn({ error: String(error) }, 'how far tasks are cannot be read, tried again');
        for (const name of names) this.#read(name);
        await pause(READ_AGAIN_MS, signal);
      }
    }
  }

  #some(): string[] {
    const names: string[] = [];
    for (const name of this.#toRead) {
      if (names.length >= READ_TOGETHER) break;
      names.push(name);
      this.#toRead.delete(name);
    }
    return names;
  }

  #keep(name: string, progress: CrawlProgress | undefined): void {
    if (progress === undefined || !this.tasks.has(name)) {
      if (!this.#progress.delete(name)) return;
    } else this.#progress.set(name, progress);
    this.#tell(name);
  }
}

const GATHER_MS = 50;
const MOST_TOLD = 500;
const REFRESH_MS = 1_000;
/** So many wait for the store at the same time. */
const READ_TOGETHER = 8;
const READ_AGAIN_MS = 1_000;
