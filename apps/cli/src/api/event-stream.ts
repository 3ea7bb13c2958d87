import { createParser } from 'eventsource-parser';
import { EXIT, Failure } from '../failure.js';

/** The texts of server-sent events, up to the end that the stream says itself. Where it breaks off before, it fails. */
export async function* messagesOf(
  parts: AsyncIterable<Uint8Array>,
  gone: string,
): AsyncGenerator<string, void, undefined> {
  const messages: string[] = [];
  let isOver = false;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'end') isOver = true;
      else messages.push(data);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of parts) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* messages.splice(0);
    if (isOver) return;
  }
  throw new Failure(EXIT.unavailable, gone);
}
