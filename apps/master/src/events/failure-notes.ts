import type { worker } from '@app/proto';
import type { Gathering } from './gathering.js';

/**
 * Runs that failed. Of those that do so again and again the second in a row is told, the fourth, the eighth and so on,
 * and whichever fails by another reason, so that they do not drive all else out of memory.
 */
export class FailureNotes {
  /** Of those whose last run failed, the one that was told longest ago first. */
  private readonly inARow = new Map<string, { count: number; reason: string }>();

  constructor(
    private readonly gathering: Pick<Gathering, 'add'>,
    private readonly capacity = 10_000,
  ) {}

  ended({ name, state, reason }: Pick<worker.TaskStatus, 'name' | 'state' | 'reason'>): void {
    const before = this.inARow.get(name);
    this.inARow.delete(name);
    if (state !== 'failed') return;
    const count = (before?.count ?? 0) + 1;
    this.inARow.set(name, { count, reason });
    const [oldest] = this.inARow.keys();
    if (this.inARow.size > this.capacity && oldest !== undefined) this.inARow.delete(oldest);
    if (reason === before?.reason && !isPowerOfTwo(count)) return;
    const times = count === 1 ? '' : `, ${count} times in a row`;
    this.gathering.add('run failed', name, `${times}${reason === '' ? '' : `: ${short(reason)}`}`);
  }
}

const LONGEST_REASON = 300;

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}

function short(reason: string): string {
  return reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON)}…`;
}
