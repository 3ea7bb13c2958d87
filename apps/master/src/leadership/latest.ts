/** A value that changes, for those who watch it or wait until it is as they want it. */
export class Latest<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private present: T) {}

  get value(): T {
    return this.present;
  }

  set(value: T): void {
    this.present = value;
    for (const listener of this.listeners) listener(value);
  }

  /** Called at each change to come. Returns how to stop that. */
  onChange(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The value as soon as it is wanted, now or later. Rejects with the signal's reason. */
  when<W extends T>(wanted: (value: T) => value is W, signal: AbortSignal): Promise<W>;
  when(wanted: (value: T) => boolean, signal: AbortSignal): Promise<T>;
  when(wanted: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (signal.aborted) reject(signal.reason);
        else if (wanted(this.present)) resolve(this.present);
        else return;
        this.listeners.delete(look);
        signal.removeEventListener('abort', look);
      };
      this.listeners.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }
}
