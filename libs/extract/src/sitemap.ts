import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SITEMAP_RULE, type PageUrl } from '@app/tasks';
import type { Extraction, PageContent } from './extraction.js';
import { failed } from './failed.js';
import { compileSelector } from './html/selector/compile-selector.js';
import { textOf } from './html/text-of.js';
import { Links } from './links.js';
import type { Page } from './page.js';
import { readPage } from './read-page.js';

/**
 * A sitemap, an index of sitemaps (sitemaps.org), a feed or a text of one URL a line, compressed or not. Its pages
 * are of the rule `root` and as deep as itself.
 */
export async function readSitemap(
  content: PageContent,
  root: string,
  isInScope: (url: PageUrl) => boolean,
): Promise<Extraction> {
  const page = await readPage(await plain(content));
  const links = new Links(page.baseUrl, content.carried, isInScope, MAX_URLS);
  for (const [urls, rule] of [
    [textsOf(page, SITEMAPS), SITEMAP_RULE],
    [urlsOf(page), root],
  ] as const) {
    for (const text of urls) {
      if (links.isFull) break;
      const url = links.resolve(text.trim());
      if (url !== undefined) links.add(url, { rule, priority: 0, isPagination: true });
    }
  }
  return { title: '', links: links.found, items: [] };
}

/** What the protocol allows in one sitemap, in number and (in bytes) unpacked. */
const MAX_URLS = 50_000;
const MAX_BYTES = 50 * 2 ** 20;

const SITEMAPS = compileSelector('sitemap > loc');
const PAGES = compileSelector('url > loc, item > link, entry > link:not([href])');
const ENTRIES = compileSelector('entry > link[href]');

function* urlsOf(page: Page): Generator<string> {
  yield* textsOf(page, PAGES);
  for (const link of ENTRIES(page.document)) yield link.attribute('href') ?? '';
  if (page.document.elements.length === 0)
    yield* page.text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
}

function* textsOf(page: Page, select: typeof PAGES): Generator<string> {
  for (const element of select(page.document)) yield textOf(element);
}

async function plain(content: PageContent): Promise<PageContent> {
  const body =
    content.body[0] === 0x1f && content.body[1] === 0x8b ? await unpacked(content.body) : content.body;
  const start = body.toString('latin1', 0, 256).trimStart();
  return {
    ...content,
    body,
    contentType: /^(?:\xef\xbb\xbf)?\s*</.test(start) ? 'application/xml' : 'text/plain',
  };
}

async function unpacked(body: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw failed('the sitemap cannot be unpacked', error);
  }
}
