import { setTimeout as delay } from 'node:timers/promises';
import { messagesOf, type StreamMessage } from '../api/event-stream.js';
import { EXIT, Failure } from '../failure.js';
import type { Client } from './client.js';

const AGAIN_MS = 1_000;

export interface Following {
  /** Asks for the stream anew, from where the last one ended: the first master that answers gives it. */
  open: () => Promise<ReadableStream<Uint8Array>>;
  /** Whether a stream that came to its end was the whole. */
  isOver: () => Promise<boolean>;
  /** While no master answers: wait until one does, or fail. */
  isPatient: boolean;
}

/** The messages of a stream that goes on through the death of the master that gives it. */
export async function* follow(
  { api, output }: Client,
  { open, isOver, isPatient }: Following,
): AsyncGenerator<StreamMessage, void, undefined> {
  let hasBegun = false;
  let said = '';
  for (;;) {
    let isOpen = false;
    try {
      const body = await open();
      hasBegun = isOpen = true;
      for await (const message of messagesOf(body)) {
        said = '';
        yield message;
      }
      if (await isOver()) return;
    } catch (error) {
      const isGone = error instanceof Failure && error.exitCode === EXIT.unavailable;
      if (!isGone || !hasBegun || (!isOpen && !isPatient)) throw error;
      if (isOpen) api.turnAway();
      const remark = error.message.split('\n')[0] ?? '';
      if (remark !== said) output.remark((said = remark));
    }
    await delay(AGAIN_MS);
  }
}
