/**
 * Whether this process can do its work, as a set of named conditions. Every condition begins unmet, so a
 * process is ready only once each part that has a say has spoken.
 */
export class Readiness {
  private readonly conditions = new Map<string, string | undefined>();
  private readonly listeners = new Set<(ready: boolean) => void>();
  private wasReady = true;

  condition(name: string, reason = 'starting'): Condition {
    const set = (value: string | undefined): void => {
      this.conditions.set(name, value);
      this.notify();
    };
    set(reason);
    return { met: () => set(undefined), unmet: set };
  }

  report(): ReadinessReport {
    const conditions: ReadinessReport['conditions'] = {};
    for (const [name, reason] of this.conditions) {
      conditions[name] = reason === undefined ? { ok: true } : { ok: false, reason };
    }
    return { ready: this.ready, conditions };
  }

  get ready(): boolean {
    return [...this.conditions.values()].every((reason) => reason === undefined);
  }

  /** Called at each change of `ready`, with the new value. Returns how to stop that. */
  onChange(listener: (ready: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private notify(): void {
    const ready = this.ready;
    if (ready !== this.wasReady) {
      this.wasReady = ready;
      for (const listener of this.listeners) {
        listener(ready);
      }
    }
  }
}

export interface Condition {
  met(): void;
  /** The reason is for an operator to read. */
  unmet(reason: string): void;
}

export interface ReadinessReport {
  ready: boolean;
  conditions: Record<string, { ok: true } | { ok: false; reason: string }>;
}
