import { createParser } from 'eventsource-parser';
import { EXIT, Failure } from '../failure.js';
import { chunksOf } from './chunks.js';

/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id: string;
  readonly data: string;
}

/** Three beats: masters say something every 15 seconds at least. */
const SILENT_MS = 45_000;

/**
 * The messages of a stream, up to its end, which it says itself. When its master is gone before, that is a Failure:
 * another may be asked.
 */
export async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  silentMs = SILENT_MS,
): AsyncGenerator<StreamMessage, void, undefined> {
  const messages: StreamMessage[] = [];
  let isOver = false;
  const parser = createParser({
    onEvent: ({ event, id = '', data }) => {
      if (event === 'end') isOver = true;
      else messages.push({ id, data });
    },
  });
  const decoder = new TextDecoder();
  const gone = 'The master that told this is gone: another one is asked.';
  for await (const bytes of chunksOf(body, silentMs, gone)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* messages.splice(0);
    if (isOver) return;
  }
  throw new Failure(EXIT.unavailable, gone);
}
