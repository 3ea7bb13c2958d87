import { OrbweaverError } from '@app/errors';
import type { PageUrl } from './page-url.js';
import { compilePattern } from './pattern.js';

export type UrlTest = (url: PageUrl) => boolean;

/**
 * A pattern of URLs is a regular expression between slashes, found anywhere in the URL (`/[?&]page=\d+/`); a glob
 * of the whole URL (`https://site.test/books/*`); or a host (`site.test` with any port, `site.test:8080`,
 * `*.site.test`). Throws INVALID_ARGUMENT for what is none of these or could match no URL.
 */
export function compileUrlPattern(pattern: string): UrlTest {
  if (/^\/.+\/$/.test(pattern)) {
    const expression = compilePattern(pattern.slice(1, -1));
    return ({ href }) => expression.test(href);
  }
  if (/^(?:https?:\/\/|\*.*\/)/.test(pattern)) {
    const glob = compileGlob(pattern);
    return ({ href }) => glob(href);
  }
  if (!/^[a-z0-9.*\-[\]:]+$/i.test(pattern)) {
    throw new OrbweaverError(
      'INVALID_ARGUMENT',
      'expected a host, a URL in which * stands for anything, or a regular expression between slashes',
    );
  }
  const glob = compileGlob(pattern.toLowerCase());
  return /:\d+$/.test(pattern) ? ({ host }) => glob(host) : ({ host }) => glob(host.replace(/:\d+$/, ''));
}

/** Linear in the text for each star: only the last star that was met is ever tried again. */
function compileGlob(glob: string): (text: string) => boolean {
  const pieces = glob.split('*');
  const head = pieces[0] ?? '';
  if (pieces.length === 1) return (text) => text === head;
  const tail = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1);
  return (text) => {
    if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail))
      return false;
    let at = head.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return at <= text.length - tail.length;
  };
}
