import { HtmlPage, isHtml } from './html-page.js';

function read(html: string | Buffer, contentType = 'text/html; charset=utf-8', chunkSize = 7) {
  const page = new HtmlPage('http://site.test/dir/page', contentType, true);
  const bytes = Buffer.from(html);
  for (let at = 0; at < bytes.length; at += chunkSize) page.write(bytes.subarray(at, at + chunkSize));
  const links = page.end().map(({ href }) => href);
  return { title: page.title, links };
}

describe('an HTML page', () => {
  it('has a title and links, each once, however it is cut', () => {
    const html = `<!doctype html><title> A &amp; B
      ß </title><svg><title>no</title></svg><a href=one>1</a><A HREF="/two?a=1&amp;b=2#x">2</A>
      <a>3</a><area href='one'><a href="mailto:x@y.test">4</a><title>later</title>`;
    const expected = {
      title: 'A & B ß',
      links: ['http://site.test/dir/one', 'http://site.test/two?a=1&b=2'],
    };
    for (const size of [1, 2, 3, 1_000]) expect(read(html, undefined, size)).toEqual(expected);
  });

  it('takes the first <base> for what follows it', () => {
    const html = '<base href="/other/"><base href="/third/"><a href="x">';
    expect(read(html).links).toEqual(['http://site.test/other/x']);
    expect(read('<base href="javascript:0"><a href="x">').links).toEqual(['http://site.test/dir/x']);
  });

  it('passes over links in comments and scripts', () => {
    expect(read('<!-- <a href=a> --><script>"<a href=b>"</script><a href=c>').links).toEqual([
      'http://site.test/dir/c',
    ]);
  });

  it.each([
    ['the header', Buffer.from('<title>\xe4</title>', 'latin1'), 'text/html; charset=ISO-8859-1'],
    ['a meta', Buffer.from('<meta charset="windows-1252"><title>\xe4</title>', 'latin1'), 'text/html'],
    ['a byte order mark', Buffer.from('\ufeff<title>ä</title>'), 'text/html; charset=latin1'],
    ['none', Buffer.from('<title>ä</title>'), 'text/html; charset=nonsense'],
  ])('is read in the charset of %s', (_, bytes, contentType) => {
    expect(read(bytes, contentType).title).toBe('ä');
  });

  it.each([
    ['text/html', true],
    ['Text/HTML; charset=x', true],
    ['application/xhtml+xml', true],
    ['text/htmlx', false],
    ['image/png', false],
    ['', false],
  ])('%p: %p', (contentType, is) => {
    expect(isHtml(contentType)).toBe(is);
  });
});
