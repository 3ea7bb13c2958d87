import { z } from 'zod';
import { checkedText, oneOrMany } from './faults.js';

/** Without the program's version: it is part of the hash, and a new version does not start every crawl over. */
export const DEFAULT_USER_AGENT = 'Orbweaver/0.1';

export const userAgent = checkedText('expected a text', (text) =>
  /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/.test(text)
    ? undefined
    : 'expected 1 to 256 printable ASCII characters',
);

/** As in a Cookie header: pairs of name and value. */
export const cookie = checkedText('expected a text like "name=value; other=value"', (text) =>
  text.length <= 8_192 && /^(?:[!#$%&'*+\-.^_`|~\w]+=[\x21-\x3a\x3c-\x7e]*(?:; *|$))*$/.test(text)
    ? undefined
    : 'expected pairs like "name=value; other=value" of printable ASCII characters',
);

/** What the fetcher or another key of the spec says. */
const OWN = new Map([
  ['cookie', 'say it as "cookie"'],
  ['user-agent', 'say it as "userAgent"'],
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding', 'upgrade', 'te'].map(
    (name): [string, string] => [name, 'is sent as each request needs it'],
  ),
]);

const headerName = z.string().superRefine((name, context) => {
  const message = /^[!#$%&'*+\-.^_`|~\w]{1,256}$/.test(name)
    ? OWN.get(name.toLowerCase())
    : 'expected the name of a header';
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const headerValue = checkedText('expected a text', (text) =>
  /^[\t\x20-\x7e]{0,8192}$/.test(text) ? undefined : 'expected at most 8192 printable ASCII characters',
);

export const headers = z.record(headerName, headerValue, { error: 'expected headers by their names' });

const proxy = checkedText('expected a URL', (text) =>
  /^(?:https?|socks5):\/\/./.test(text) && URL.canParse(text)
    ? undefined
    : 'expected the URL of a proxy: http://, https:// or socks5://',
);

export const proxies = oneOrMany(proxy, 'expected a list of proxies', 1_000);
