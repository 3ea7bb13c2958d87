/** Where a command reads from and writes to. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** What is needed of `process.stdout`. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** False: what is to come should wait for `drain`. */
  write(part: string | Uint8Array): unknown;
  once?(event: 'drain', listener: () => void): unknown;
}

/** No faster than the reader of the stream takes it. */
export async function writeAll(stream: OutputStream, parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of parts) {
    if (stream.write(part) === false) await new Promise<void>((resolve) => stream.once?.('drain', resolve));
  }
}
