import type { IncomingHttpHeaders } from 'node:http';
import type { BodyShare } from './body/body-memory.js';
import { decode, parseCodings } from './body/content-encoding.js';
import type { RawAnswer } from './exchange.js';
import type { FetchAnswer, FetchRequest } from './fetcher.js';
import { parseRetryAfter } from './retry-after.js';
import type { TimeLimit } from './time-limit.js';

/** Whether the body is worth reading, as far as the head tells. */
export function wantsBody(request: FetchRequest, status: number, headers: IncomingHttpHeaders): boolean {
  const mayHoldText = !NO_TEXT.test(one(headers, 'content-type'));
  return isSuccess(status) && mayHoldText && unfitness(request, headers) === undefined;
}

/** What no rule can read, and what there is most of on the web. Not application/octet-stream, which may be anything. */
const NO_TEXT = /^\s*(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:pdf|zip)\b)/i;

/** What the caller gets of what came over the wire. Throws when the body is damaged. */
export async function answerOf(
  request: FetchRequest,
  raw: RawAnswer,
  memory: BodyShare,
  limit: TimeLimit,
): Promise<FetchAnswer> {
  const { status, headers } = raw;
  if (!isSuccess(status)) return answer(request, status, headers, EMPTY);
  const unfit = unfitness(request, headers);
  if (unfit !== undefined) return refused(status, unfit, 0);

  const { maxBytes, beyond } = request;
  const codings = parseCodings(one(headers, 'content-encoding')) ?? [];
  let body = raw.body;
  if (raw.isCut && beyond === 'refuse') return refused(status, tooLong(maxBytes), body.length);
  if (codings.length > 0 && body.length > 0) {
    body = await decode(body, codings, { maxBytes, isCut: raw.isCut, memory, limit });
  }
  if (body.length > maxBytes && beyond === 'refuse') return refused(status, tooLong(maxBytes), body.length);
  return answer(request, status, headers, body.subarray(0, maxBytes));
}

export function refused(status: number, reason: string, bytes: number): FetchAnswer {
  return { kind: 'refused', status, reason, bytes };
}

/** Also of answers whose body came in another way. */
export function answer(
  { url }: { url: string },
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): FetchAnswer {
  const contentType = one(headers, 'content-type');
  return {
    kind: 'answer',
    status,
    mediaType: (contentType.split(';', 1)[0] as string).trim().toLowerCase(),
    contentType,
    body,
    location: REDIRECTS.has(status) ? absolute(one(headers, 'location'), url) : undefined,
    retryAfterMs: parseRetryAfter(one(headers, 'retry-after'), Date.now()),
    etag: validator(one(headers, 'etag')),
    lastModified: validator(one(headers, 'last-modified')),
  };
}

const EMPTY = Buffer.alloc(0);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Why the body can be of no use, as far as the head tells. */
function unfitness({ maxBytes, beyond }: FetchRequest, headers: IncomingHttpHeaders): string | undefined {
  const encoding = one(headers, 'content-encoding');
  if (parseCodings(encoding) === undefined)
    return `the content encoding is not known: ${encoding.slice(0, 100)}`;
  const isTooLong = beyond === 'refuse' && Number(one(headers, 'content-length')) > maxBytes;
  return isTooLong ? tooLong(maxBytes) : undefined;
}

export function tooLong(maxBytes: number): string {
  return `the body is longer than ${maxBytes} bytes`;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Any header may come several times, whatever its meaning. */
function one(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
}

/** Bytes above ASCII are taken for UTF-8, as browsers do. */
function absolute(location: string, url: string): string | undefined {
  const text = Buffer.from(location, 'latin1').toString('utf8');
  return text !== '' && URL.canParse(text, url) ? new URL(text, url).href : undefined;
}

/** Longer ones are not worth keeping with every page. */
function validator(value: string): string {
  return value.length > MAX_VALIDATOR_LENGTH ? '' : value;
}

const MAX_VALIDATOR_LENGTH = 256;
