import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { InputStream, Streams } from '../streams.js';

/** For tests: a terminal as far as it is written to, with its keyboard. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  readonly written: string[] = [];
  readonly keyboard = new PassThrough();
  readonly modes: boolean[] = [];

  constructor(
    public columns: number,
    public rows: number,
  ) {
    super();
  }

  write(part: string | Uint8Array): boolean {
    this.written.push(String(part));
    return true;
  }

  get stdin(): InputStream {
    const setRawMode = (isRaw: boolean) => this.modes.push(isRaw);
    return Object.assign(this.keyboard, { isTTY: true, setRawMode });
  }

  get streams(): Streams {
    return { stdin: this.stdin, stdout: this, stderr: this };
  }

  /** What the lines of the last picture say. */
  get lines(): string[] {
    return stripVTControlCharacters(this.written.at(-1) ?? '').split('\r\n');
  }
}
