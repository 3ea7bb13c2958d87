import { Readable } from 'node:stream';
import { isOrbweaverError } from '@app/errors';
import type { FastifyReply } from 'fastify';
import type { Rpc } from '../request/rpc.js';
import { messageToJson } from './proto-json.js';

/** What a REST route answers with that streams messages, as server-sent events. */
export class RestEvents<T = unknown> {
  constructor(
    readonly messages: AsyncIterable<T>,
    /** With what the caller names the last one when it comes again, if it can. */
    readonly idOf?: (message: T) => string,
  ) {}
}

/** What the reply sends. `ended` is told what broke it, or nothing when it came to its end. */
export function eventStream(
  rpc: Rpc,
  events: RestEvents,
  reply: FastifyReply,
  ended: (error?: unknown) => void,
): Readable {
  void reply
    .type('text/event-stream')
    .header('cache-control', 'no-store')
    // Kept open after its end, it would hold up a process that is stopping.
    .header('connection', 'close')
    // Proxies that gather what they pass on would hold the events back.
    .header('x-accel-buffering', 'no');
  const stream = Readable.from(lines(rpc, events), { objectMode: false });
  stream.once('close', () => ended(stream.errored ?? undefined));
  return stream;
}

async function* lines(
  rpc: Rpc,
  { messages, idOf }: RestEvents,
): AsyncGenerator<string | Buffer, void, undefined> {
  yield `retry: ${RETRY_MS}\n\n`;
  const iterator = messages[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const result = await orBeat(next);
      if (result === 'beat') yield ':\n\n';
      else if (result.done) {
        // Told from a stream that was cut off, which looks the same to many clients.
        yield 'event: end\ndata: {}\n\n';
        return;
      } else {
        const data = dataOf(rpc, result.value);
        yield idOf === undefined ? data : Buffer.concat([Buffer.from(`id: ${idOf(result.value)}\n`), data]);
        next = iterator.next();
      }
    }
  } catch (error) {
    // Later it may go on: the caller comes again.
    if (!isOrbweaverError(error) || error.retry === 'never') throw error;
  } finally {
    // What was still awaited when the caller left concerns nobody.
    next.catch(() => undefined);
    await iterator.return?.();
  }
}

/** One message may be told to many: its text is made once. */
function dataOf(rpc: Rpc, message: unknown): Buffer {
  const known = texts.get(message as object);
  if (known !== undefined) return known;
  const text = Buffer.from(`data: ${JSON.stringify(messageToJson(rpc, message))}\n\n`);
  texts.set(message as object, text);
  return text;
}

const texts = new WeakMap<object, Buffer>();

/** A line now and then tells both sides and all between them that the connection stands. */
async function orBeat<T>(next: Promise<T>): Promise<T | 'beat'> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<'beat'>((resolve) => {
    timer = setTimeout(resolve, BEAT_MS, 'beat');
  });
  try {
    return await Promise.race([next, beat]);
  } finally {
    clearTimeout(timer);
  }
}

const BEAT_MS = 15_000;
const RETRY_MS = 1_000;
