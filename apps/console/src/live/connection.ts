import { useSyncExternalStore } from 'react';

/** Since when no master answers this page; every stream tells how it fares. */
class Connection {
  private readonly listeners = new Set<() => void>();
  private readonly broken = new Map<object, Date>();
  private lost: Date | undefined;

  failed(stream: object, since: Date): void {
    this.broken.set(stream, since);
    this.changed();
  }

  stands(stream: object): void {
    if (this.broken.delete(stream)) this.changed();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly lostAt = (): Date | undefined => this.lost;

  private changed(): void {
    this.lost = [...this.broken.values()].sort((one, other) => one.getTime() - other.getTime())[0];
    for (const listener of this.listeners) listener();
  }
}

export const connection = new Connection();

/** Undefined while the connection stands. */
export function useLostAt(): Date | undefined {
  return useSyncExternalStore(connection.subscribe, connection.lostAt);
}
