import { gzipSync } from 'node:zlib';
import { parseTaskSpec, SITEMAP_RULE } from '@app/tasks';
import { compileTask } from './compile-task.js';

const task = compileTask(
  parseTaskSpec({ seeds: ['http://site.test/'], rules: { page: { fields: { t: 'h1' } } } }),
);

async function read(body: string | Buffer, contentType = 'application/xml') {
  const { links } = await task.extract({
    url: 'http://site.test/sitemap.xml',
    contentType,
    body: Buffer.from(body),
    rule: SITEMAP_RULE,
    depth: 0,
    carried: {},
  });
  return links.map(({ url, rule, isPagination }) => [url, rule, isPagination]);
}

const MAP = `<?xml version="1.0" encoding="UTF-8"?>
  <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc> http://site.test/1?a=1&amp;b=2 </loc><lastmod>2024-01-01</lastmod></url>
    <url><loc><![CDATA[http://site.test/2]]></loc></url>
    <url><loc>http://other.test/3</loc></url>
  </urlset>`;
const PAGES = [
  ['http://site.test/1?a=1&b=2', 'page', true],
  ['http://site.test/2', 'page', true],
];

describe('a sitemap', () => {
  it('names pages of the root rule, as deep as itself', async () => {
    expect(await read(MAP)).toEqual(PAGES);
  });

  it('is read packed, whatever it is called', async () => {
    expect(await read(gzipSync(MAP), 'application/x-gzip')).toEqual(PAGES);
    expect(await read(gzipSync(MAP), 'text/xml')).toEqual(PAGES);
  });

  it('may be an index of others', async () => {
    const index = '<sitemapindex><sitemap><loc>http://site.test/a.xml.gz</loc></sitemap></sitemapindex>';
    expect(await read(index)).toEqual([['http://site.test/a.xml.gz', SITEMAP_RULE, true]]);
  });

  it('may be a feed', async () => {
    const rss = '<rss><channel><link>/no</link><item><link>http://site.test/1</link></item></channel></rss>';
    expect(await read(rss)).toEqual([['http://site.test/1', 'page', true]]);
    expect(await read('<feed><entry><link href="/2"/></entry></feed>')).toEqual([
      ['http://site.test/2', 'page', true],
    ]);
  });

  it('may be a text', async () => {
    expect(await read('http://site.test/1\r\n\nhttp://site.test/2\n', 'text/plain')).toEqual([
      ['http://site.test/1', 'page', true],
      ['http://site.test/2', 'page', true],
    ]);
  });

  it('has at most 50,000 pages', async () => {
    const urls = Array.from({ length: 60_000 }, (_, n) => `<url><loc>http://site.test/${n}</loc></url>`);
    expect(await read(`<urlset>${urls.join('')}</urlset>`)).toHaveLength(50_000);
  });

  it.each([
    ['a bomb', gzipSync(Buffer.alloc(60 * 2 ** 20))],
    ['cut off', gzipSync(MAP).subarray(0, 50)],
  ])('that is %s fails', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'EXTRACT_FAILED' });
  });
});
