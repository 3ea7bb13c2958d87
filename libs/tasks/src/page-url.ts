/** The one form of a URL under which its page is known. */
export interface PageUrl {
  href: string;
  /** Host and port: what politeness and the scope of a crawl go by. */
  host: string;
  origin: string;
}

const MAX_LENGTH = 2_048;

/**
 * Undefined for what no page of ours can be: another scheme than http(s), no URL at all, one beyond 2,048
 * characters. Beyond what the URL standard normalises (case of scheme and host, default port, dot segments),
 * fragment, credentials and an empty query are dropped, and escapes written one way.
 */
export function normalizeUrl(text: string, base?: string): PageUrl | undefined {
  const url = parse(text, base);
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  // Assigning is dear, and hardly any URL needs it.
  if (url.hash !== '' || url.href.endsWith('#')) url.hash = '';
  if (url.username !== '' || url.password !== '') url.username = url.password = '';
  if (url.search === '' && url.href.endsWith('?')) url.search = '';
  const href = url.href.includes('%') ? url.href.replace(ESCAPE, oneWay) : url.href;
  return href.length > MAX_LENGTH ? undefined : { href, host: url.host, origin: url.origin };
}

function parse(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

const ESCAPE = /%[0-9a-fA-F]{2}/g;

/** RFC 3986, 6.2.2: unreserved characters stand for themselves (dots apart), hexadecimal digits are upper case. */
function oneWay(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[A-Za-z0-9\-_~]/.test(character) ? character : escape.toUpperCase();
}
