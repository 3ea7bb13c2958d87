/** Why a host of a task is not asked at this moment, for people to read. */
export interface HostWait {
  /** Empty for `store`: it takes nothing, or is slow. */
  host: string;
  /** `limit`: of the task. `turn`: others are at it. `gate`: another worker has it. `down`: it does not answer. */
  for: 'delay' | 'back off' | 'down' | 'robots' | 'gate' | 'turn' | 'limit' | 'requests' | 'store';
  /** How long at least; 0 when that is not known. */
  forMs: number;
  /** The last trouble with the host, in words; empty when there is none. */
  reason: string;
}
