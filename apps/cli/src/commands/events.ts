import { setTimeout as delay } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { ClusterEvent } from '../api/master-api.js';
import { EXIT, Failure } from '../failure.js';
import { cell } from '../output/table.js';
import type { Client } from './client.js';

const AGAIN_MS = 1_000;

/**
 * What happens to the cluster, first what a master remembers of it, until Ctrl-C. When that master is gone the next
 * one tells on from there; each master has seen it with its own eyes, a moment sooner or later.
 */
export async function events(client: Client): Promise<void> {
  let last = { id: '', at: -Infinity };
  let isFirst = true;
  for (;;) {
    try {
      for await (const event of eventsAfter(client, last.id)) {
        const at = Date.parse(event.at ?? '');
        // Another master has numbers of its own and tells all that it remembers.
        if (at < last.at || (at === last.at && event.id === last.id)) continue;
        last = { id: event.id, at };
        isFirst = false;
        await show(client, event);
      }
    } catch (error) {
      const isGone = error instanceof Failure && error.exitCode === EXIT.unavailable;
      if (isFirst || !isGone) throw error;
      client.output.remark(error.message.split('\n')[0] ?? '');
    }
    await delay(AGAIN_MS);
  }
}

async function* eventsAfter({ api }: Client, after: string): AsyncGenerator<ClusterEvent> {
  const body = await api.events(after);
  const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  try {
    for await (const { data } of messages) yield JSON.parse(data) as ClusterEvent;
  } catch (error) {
    throw new Failure(EXIT.unavailable, 'The master that told of events is gone; another one is asked.', {
      cause: error,
    });
  }
}

async function show({ output, streams }: Client, event: ClusterEvent): Promise<void> {
  if (output.format === 'table') {
    const { at = '', kind, message } = event;
    streams.stdout.write(
      `${output.colours.dim(at)}  ${output.colours.cyan(kind.padEnd(15))}  ${cell(message, 200)}\n`,
    );
  } else if (output.format === 'json') streams.stdout.write(`${JSON.stringify(event)}\n`);
  else await output.show([event], () => '');
}
