import { createParser } from 'eventsource-parser';
import { faultOf } from '../api/client';

/** Masters send a beat every 15 s: a stream that is silent for longer than this is no longer one. */
const SILENCE_MS = 40_000;

interface Listener {
  /** A master answers; it may be a while until something happens. */
  opened: () => void;
  received: (data: string) => void;
}

/**
 * One connection of server-sent events, until the master ends it. Rejects with an ApiError where the master says why
 * not (which the browser's own EventSource keeps to itself), or as `fetch` does when the connection is lost.
 */
export async function readEvents(url: string, signal: AbortSignal, listener: Listener): Promise<void> {
  const silence = new AbortController();
  let timer = 0;
  const heard = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => silence.abort(new TypeError('no answer')), SILENCE_MS);
  };
  heard();
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || response.body === null) throw await faultOf(response);
    listener.opened();
    const parser = createParser({
      // Other events are of the stream itself: that it has come to its end.
      onEvent: ({ event = 'message', data }) => event === 'message' && listener.received(data),
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      heard();
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
    }
  } finally {
    clearTimeout(timer);
  }
}
