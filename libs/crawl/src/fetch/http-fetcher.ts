import type { Readable } from 'node:stream';
import { OrbweaverError } from '@app/errors';
import { Agent, type Dispatcher } from 'undici';
import type { Tenure } from '../task/task-runner.js';
import { parseRetryAfter } from '../politeness/retry-after.js';
import { decoded } from './content-encoding.js';
import { reasonOf } from './failure-reason.js';

/** On what terms a task may send requests. */
export interface RequestTerms {
  userAgent: string;
  /** For the whole of one request. */
  timeoutMs: number;
  tenure: Tenure;
}

export interface RequestOptions extends RequestTerms {
  accept: string;
  maxBytes: number;
  /** What to do with a body that is longer: take it for a failure, or take its beginning. */
  beyond: 'refuse' | 'cut';
}

export interface ResponseHead {
  status: number;
  contentType: string;
}

/** Takes the body piece by piece, after content decoding. */
export type BodySink = (chunk: Buffer) => void;

export type FetchAnswer =
  | {
      kind: 'answer';
      status: number;
      /** Of the body as read, after content decoding; 0 when it was not read. */
      bytes: number;
      /** As the header says it, on a redirect; made absolute. */
      location: string | undefined;
      retryAfterMs: number | undefined;
    }
  /** The host answered, but what it sent is of no use. */
  | { kind: 'refused'; status: number; reason: string; bytes: number }
  /** No answer, or not the whole of it; perhaps later. */
  | { kind: 'unreachable'; reason: string };

/**
 * One request, one answer: redirects are answers. Rejects only when the tenure is over, before or during the
 * request; whatever a host does is a value.
 */
export class HttpFetcher {
  readonly #agent = new Agent({
    connections: 1,
    pipelining: 1,
    connect: { timeout: 10_000 },
    // The one time limit is our own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async fetch(
    url: string,
    options: RequestOptions,
    open: (head: ResponseHead) => BodySink | undefined,
  ): Promise<FetchAnswer> {
    const { tenure, timeoutMs } = options;
    if (tenure.signal.aborted || !tenure.holds()) throw over(tenure);
    // Not AbortSignal.any: it would leave a trace on a signal that outlives a million requests.
    const abort = new AbortController();
    const cut = (): void => abort.abort();
    tenure.signal.addEventListener('abort', cut, { once: true });
    const timer = setTimeout(cut, timeoutMs);
    try {
      return await this.#exchange(url, options, open, abort.signal);
    } catch (error) {
      if (tenure.signal.aborted) throw over(tenure);
      const reason = abort.signal.aborted ? `no whole answer within ${timeoutMs} ms` : reasonOf(error);
      return { kind: 'unreachable', reason };
    } finally {
      clearTimeout(timer);
      tenure.signal.removeEventListener('abort', cut);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #exchange(
    url: string,
    options: RequestOptions,
    open: (head: ResponseHead) => BodySink | undefined,
    signal: AbortSignal,
  ): Promise<FetchAnswer> {
    const { origin, pathname, search } = new URL(url);
    const response = await this.#agent.request({
      origin,
      path: pathname + search,
      method: 'GET',
      headers: {
        'user-agent': options.userAgent,
        accept: options.accept,
        'accept-encoding': 'gzip, deflate, br',
      },
      signal,
    });
    const { statusCode: status, headers, body } = response;
    // A body that is given up is an error of its stream as well, which is nobody's concern any more.
    body.on('error', () => {});
    const sink = open({ status, contentType: one(headers['content-type']) ?? '' });
    if (sink === undefined) {
      await body.dump({ limit: 65_536, signal });
      return answer(url, response, 0);
    }
    const length = Number(one(headers['content-length']) ?? 0);
    const tooLarge = (bytes: number): FetchAnswer => ({
      kind: 'refused',
      status,
      reason: `the body is longer than ${options.maxBytes} bytes`,
      bytes,
    });
    if (options.beyond === 'refuse' && length > options.maxBytes) {
      body.destroy();
      return tooLarge(0);
    }
    const content = decoded(body, one(headers['content-encoding']));
    if (content === undefined) {
      body.destroy();
      return { kind: 'refused', status, reason: 'the content encoding is not known', bytes: 0 };
    }
    const bytes = await read(content, options.maxBytes, sink);
    if (bytes <= options.maxBytes) return answer(url, response, bytes);
    body.destroy();
    return options.beyond === 'cut' ? answer(url, response, options.maxBytes) : tooLarge(bytes);
  }
}

/** Gives the number of bytes read: more than the limit when there was more. */
async function read(content: Readable, maxBytes: number, sink: BodySink): Promise<number> {
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    const room = maxBytes - bytes;
    bytes += chunk.length;
    sink(chunk.length > room ? chunk.subarray(0, room) : chunk);
    if (bytes > maxBytes) break;
  }
  return bytes;
}

function answer(url: string, { statusCode, headers }: Dispatcher.ResponseData, bytes: number): FetchAnswer {
  const location = REDIRECTS.has(statusCode) ? one(headers.location) : undefined;
  return {
    kind: 'answer',
    status: statusCode,
    bytes,
    location: location !== undefined && URL.canParse(location, url) ? new URL(location, url).href : undefined,
    retryAfterMs: parseRetryAfter(one(headers['retry-after']), Date.now()),
  };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function over(tenure: Tenure): OrbweaverError {
  return new OrbweaverError('CANCELLED', 'the task is no longer ours to crawl', {
    cause: tenure.signal.reason,
  });
}
