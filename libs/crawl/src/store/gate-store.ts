/**
 * Whose turn it is at a host, for all tasks of all workers of one store. A gate is leased to one process at a
 * time; within its lease that process alone sends requests to the host and spaces them itself. All times are
 * durations, counted by the store's clock and turned into instants by the caller's monotonic one, each rounded
 * to the side that is safe: a lease from when it was asked for, a wait from when the answer came.
 *
 * A process that dies leaves its lease to run out; it may have sent a request just before, so the next holder
 * waits the gate's delay from there.
 */
export interface GateStore {
  /** One transaction for all. */
  acquire(holder: string, wanted: readonly GateRequest[], leaseMs: number): Promise<GateAnswer[]>;
  /** Writes what the holder knows, and prolongs what it still holds; `lost` names those that it does not. */
  renew(
    holder: string,
    gates: readonly HeldGate[],
    leaseMs: number,
  ): Promise<{ lost: string[]; wanted: string[] }>;
  /** Gives gates back, with what the next holder has to know. Those that are not held are passed over. */
  release(holder: string, gates: readonly HeldGate[]): Promise<void>;

  /** The robots.txt that was fetched last, of any worker; undefined when there is none or it is too old. */
  robots(origin: string): Promise<StoredRobots | undefined>;
  saveRobots(origin: string, robots: StoredRobots): Promise<void>;
  /** The gates of hosts, for people: what each waits for. */
  gates(hosts: readonly string[]): Promise<GateState[]>;
}

export interface GateRequest {
  host: string;
  /** Between requests, as this task wants it. The gate keeps to the longest that is wanted during a lease. */
  delayMs: number;
}

export type GateAnswer =
  | {
      host: string;
      granted: true;
      /** Grows with each grant: what release and renew are checked by. */
      fence: number;
      /** Until the first request may be sent. */
      waitMs: number;
      state: HostState;
    }
  /** Another process holds it; it now knows that somebody waits. Ask again then. */
  | { host: string; granted: false; retryInMs: number };

export interface HeldGate {
  host: string;
  fence: number;
  delayMs: number;
  /** From now until another request may be sent. */
  waitMs: number;
  state: HostState;
}

/** What is known of a host in trouble. */
export interface HostState {
  /** Troubles in a row: no answer, 429, 503. */
  failures: number;
  /** For a person to read: the last trouble; empty while all is well. */
  trouble: string;
  /** Since when it has not answered at all, in milliseconds since 1970; 0 while it does. */
  downSinceAt: number;
}

export interface GateState extends HostState {
  host: string;
  delayMs: number;
  waitMs: number;
  holder: string;
}

export interface StoredRobots {
  /** What the file says, empty when there is none. At most 512 KiB. */
  text: string;
  /** Milliseconds since 1970. */
  fetchedAt: number;
  /** How long it may still be relied on. */
  freshMs: number;
}
