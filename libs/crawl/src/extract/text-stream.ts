import { TextDecoder } from 'node:util';

/**
 * Bytes to text, in the charset that the byte order mark, the Content-Type header or a `<meta>` among the
 * first bytes names, in that order; UTF-8 without any. Bytes that are none in that charset become U+FFFD.
 */
export class TextStream {
  #decoder: TextDecoder | undefined;
  #head: Buffer[] = [];
  #headBytes = 0;

  constructor(
    private readonly contentType: string,
    private readonly sink: (text: string) => void,
  ) {}

  write(chunk: Buffer): void {
    if (this.#decoder !== undefined) {
      this.sink(this.#decoder.decode(chunk, { stream: true }));
      return;
    }
    this.#head.push(chunk);
    this.#headBytes += chunk.length;
    if (this.#headBytes >= SNIFFED_BYTES) this.#begin();
  }

  end(): void {
    if (this.#decoder === undefined) this.#begin();
    this.sink((this.#decoder as TextDecoder).decode());
  }

  #begin(): void {
    const head = Buffer.concat(this.#head);
    this.#head = [];
    this.#decoder = decoderOf(head, this.contentType);
    this.sink(this.#decoder.decode(head, { stream: true }));
  }
}

/** As much as the HTML standard looks at. */
const SNIFFED_BYTES = 1_024;

function decoderOf(head: Buffer, contentType: string): TextDecoder {
  const label =
    byteOrderMark(head) ??
    charsetIn(contentType) ??
    charsetIn(/<meta[^>]+charset[^>]*>/i.exec(head.toString('latin1', 0, SNIFFED_BYTES))?.[0] ?? '');
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?([^\s"';>]+)/i.exec(text)?.[1];
}

function byteOrderMark(head: Buffer): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return undefined;
}
