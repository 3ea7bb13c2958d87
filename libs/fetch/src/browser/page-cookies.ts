import type { BrowserContext } from 'playwright-core';
import { Cookie, type CookieJar } from 'tough-cookie';
import { keepCookies } from '../cookies.js';

/** The jar's cookies for a page's host, given to the browser. */
export async function giveCookies(
  context: BrowserContext,
  jar: CookieJar | undefined,
  url: string,
): Promise<void> {
  const cookies = jar?.getCookiesSync(url, { allPaths: true }) ?? [];
  await context.addCookies(
    cookies.map(({ key, value, domain, hostOnly, path, expires, httpOnly, secure }) => ({
      name: key,
      value,
      domain: `${hostOnly === true ? '' : '.'}${domain ?? new URL(url).hostname}`,
      path: path ?? '/',
      expires: expires instanceof Date ? expires.getTime() / 1_000 : -1,
      httpOnly,
      secure,
    })),
  );
}

/** The browser's cookies for a page's host, kept in the jar. */
export async function takeCookies(
  context: BrowserContext,
  jar: CookieJar | undefined,
  url: string,
): Promise<void> {
  const set = (await context.cookies(url)).map(({ name, value, domain, path, expires, httpOnly, secure }) =>
    new Cookie({
      key: name,
      value,
      domain: domain.startsWith('.') ? domain.slice(1) : null,
      path,
      expires: expires < 0 ? 'Infinity' : new Date(expires * 1_000),
      httpOnly,
      secure,
    }).toString(),
  );
  keepCookies(jar, url, set);
}
