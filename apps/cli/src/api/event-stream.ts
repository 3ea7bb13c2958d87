import { createParser } from 'eventsource-parser';
import { chunksOf } from './chunks.js';

/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id: string;
  readonly data: string;
}

/** Three beats: masters say something every 15 seconds at least. */
const SILENT_MS = 45_000;

/** The messages of a stream, up to its end. When its master is gone, that is a Failure: another may be asked. */
export async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  silentMs = SILENT_MS,
): AsyncGenerator<StreamMessage, void, undefined> {
  const messages: StreamMessage[] = [];
  const parser = createParser({ onEvent: ({ id = '', data }) => messages.push({ id, data }) });
  const decoder = new TextDecoder();
  const gone = 'The master that told this is gone; another one is asked.';
  for await (const bytes of chunksOf(body, silentMs, gone)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* messages.splice(0);
  }
}
