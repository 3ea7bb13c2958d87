/** Text in pieces of at least this many characters, but for the last: each piece costs a message on its way. */
const CHUNK_LENGTH = 64 * 1024;

export async function* chunksOf(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let parts: string[] = [];
  let length = 0;
  for await (const text of texts) {
    parts.push(text);
    length += text.length;
    if (length < CHUNK_LENGTH) continue;
    yield Buffer.from(parts.join(''));
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.from(parts.join(''));
}
