import { pino, type DestinationStream } from 'pino';

/** What waits for a slow reader of our output is bounded; beyond it lines are dropped, not memory eaten. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/**
 * Standard output, written off the event loop. The lines of one turn go in one write; what is not written
 * yet when the process exits, in whatever way but a kill, is written then.
 */
export class StandardOutput implements DestinationStream {
  private readonly file = pino.destination({ dest: 1, sync: false, maxLength: MAX_PENDING_BYTES });
  private pending = '';

  constructor() {
    process.on('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.pending === '') {
      setImmediate(() => this.pass());
    }
    this.pending += line;
  }

  flushSync(): void {
    this.pass();
    this.file.flushSync();
  }

  private pass(): void {
    if (this.pending !== '') {
      this.file.write(this.pending);
      this.pending = '';
    }
  }
}
