import { isUtf8 } from 'node:buffer';
import { declaredCharset } from './declared-charset.js';
import { decodeAs, encodingOf } from './encodings.js';
import { detectEncoding } from './detect-encoding.js';

/**
 * The text of a body, as a browser would read it: by its byte order mark, else its header, else what it declares
 * itself, else by what its bytes look like. A declaration that names no encoding counts for none.
 */
export function decodeText(body: Buffer, contentType: string): string {
  return decodeAs(encodingFor(body, contentType), body);
}

function encodingFor(body: Buffer, contentType: string): string {
  const marked = byteOrderMark(body);
  if (marked !== undefined) return marked;
  const fromHeader = encodingOf(/;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType)?.[1]);
  if (fromHeader !== undefined) return fromHeader;
  const declared = MARKUP.test(contentType) ? encodingOf(declaredCharset(body)) : undefined;
  // Whoever can read the declaration byte by byte does not look at UTF-16.
  if (declared !== undefined) return declared.startsWith('utf-16') ? 'utf-8' : declared;
  return isUtf8(body) ? 'utf-8' : detectEncoding(body);
}

/** Of the types whose text declares its own encoding; also where no type is given. */
const MARKUP = /^\s*(?:$|;|[^;]*(?:html|xml))/i;

function byteOrderMark(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return undefined;
}
