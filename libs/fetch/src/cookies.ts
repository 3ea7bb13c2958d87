import type { CookieJar } from 'tough-cookie';

/** The Cookie header for a URL; empty when there are none. */
export function cookieHeader(jar: CookieJar | undefined, url: string): string {
  return jar?.getCookieStringSync(url) ?? '';
}

/** Keeps what Set-Cookie headers say, but for what is not well formed, and for more than a host may have. */
export function keepCookies(
  jar: CookieJar | undefined,
  url: string,
  set: string | readonly string[] | undefined,
): void {
  if (jar === undefined || set === undefined) return;
  // A host that sets another one with each answer would fill the memory of its crawl.
  const names = new Set(jar.getCookiesSync(url, { allPaths: true }).map(({ key }) => key));
  for (const text of typeof set === 'string' ? [set] : set) {
    if (text.length > MAX_COOKIE_LENGTH) continue;
    const name = text.slice(0, text.indexOf('=')).trim();
    if (names.size >= MAX_COOKIES && !names.has(name)) continue;
    names.add(name);
    jar.setCookieSync(text, url, { ignoreError: true, loose: true });
  }
}

/** As in browsers. */
const MAX_COOKIES = 180;
const MAX_COOKIE_LENGTH = 4_096;
