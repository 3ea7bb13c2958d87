import { type Connection, follow, type Lost } from '../api/follow.js';
import type { Stream } from '../api/master-api.js';

type Sources<T> = { readonly [K in keyof T]: (signal: AbortSignal) => Promise<Stream> };

/** Streams that each tell one thing as it is, and again whenever it is another: the newest of each, and how they fare. */
export class Watch<T extends object> {
  readonly newest: Partial<T> = {};
  private readonly connections = new Map<keyof T, Connection>();

  constructor(private readonly sources: Sources<T>) {}

  /** Follows them all until the signal fires or one of them fails. */
  async run(changed: () => void, signal: AbortSignal, isPatient = true): Promise<void> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const names = Object.keys(this.sources) as (keyof T)[];
    try {
      await Promise.all(names.map((name) => this.follow(name, { changed, signal: either, isPatient })));
    } finally {
      ended.abort();
    }
  }

  /** All of them, once; fails when no master answers. */
  async whole(): Promise<T> {
    const enough = new AbortController();
    const look = (): void => {
      if (Object.keys(this.sources).every((name) => name in this.newest)) enough.abort();
    };
    await this.run(look, enough.signal, false);
    return this.newest as T;
  }

  /** Since when one of them is not connected. */
  get lost(): Lost | undefined {
    const lost = [...this.connections.values()].filter((connection) => 'lostAt' in connection);
    return lost.sort((one, other) => one.lostAt.getTime() - other.lostAt.getTime())[0];
  }

  private async follow(
    name: keyof T,
    { changed, ...options }: { changed: () => void; signal: AbortSignal; isPatient: boolean },
  ): Promise<void> {
    const told = (connection: Connection): void => {
      this.connections.set(name, connection);
      changed();
    };
    for await (const value of follow<T[typeof name]>({ open: this.sources[name], told, ...options })) {
      this.newest[name] = value;
      changed();
    }
  }
}
