/** Where a command reads from and writes to. */
export interface Streams {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** What is needed of `process.stdin`. */
export type InputStream = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  /** Keys arrive as they are pressed, and are not shown. */
  setRawMode?(isRaw: boolean): unknown;
};

/** What is needed of `process.stdout`. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** False: what is to come should wait for `drain`. */
  write(part: string | Uint8Array): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** No faster than the reader of the stream takes it. */
export async function writeAll(stream: OutputStream, parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of parts) {
    if (stream.write(part) === false) await new Promise<void>((resolve) => stream.once?.('drain', resolve));
  }
}
