/**
 * The states of a worker, and which may follow which. `registered` with nothing to do, `crawling` with
 * something; back to `starting` when the registration is lost, until there is another.
 */
export type WorkerState = 'starting' | 'registered' | 'crawling' | 'draining' | 'stopped' | 'failed';

const FOLLOWING: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ['registered', 'draining', 'failed'],
  registered: ['crawling', 'starting', 'draining', 'failed'],
  crawling: ['registered', 'starting', 'draining', 'failed'],
  draining: ['stopped', 'failed'],
  stopped: [],
  failed: [],
};

export class LifeCycle {
  #state: WorkerState = 'starting';

  constructor(private readonly onChange: (state: WorkerState, before: WorkerState) => void = () => {}) {}

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it went there: a worker that drains does not come back because etcd did. */
  to(state: WorkerState): boolean {
    const before = this.#state;
    if (!FOLLOWING[before].includes(state)) return false;
    this.#state = state;
    this.onChange(state, before);
    return true;
  }
}
