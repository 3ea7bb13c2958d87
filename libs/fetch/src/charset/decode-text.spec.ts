import { decodeText } from './decode-text.js';

/** Inverts a decoder of at most two bytes a character: node can decode these encodings, but not write them. */
function encode(encoding: string, text: string): Buffer {
  const decoder = new TextDecoder(encoding);
  const codes = new Map<string, number[]>();
  for (let high = 0xff; high >= 0x80; high -= 1) {
    for (let low = 0xff; low >= 0x40; low -= 1)
      codes.set(decoder.decode(Buffer.from([high, low])), [high, low]);
  }
  for (let byte = 0xff; byte >= 0; byte -= 1) codes.set(decoder.decode(Buffer.from([byte])), [byte]);
  return Buffer.from(
    Array.from(text).flatMap((char) => {
      const code = codes.get(char);
      if (code === undefined) throw new Error(`${encoding} has no ${char}`);
      return code;
    }),
  );
}

const CHINESE = '豆瓣读书是一个记录你读过的、想读和正在读的书的网站，顺便打分，添加标签及个人附注，写评论。';
const TAIWANESE = '歡迎來到圖書館的網站，這裡可以查詢館藏目錄、預約書籍，以及閱讀最新的消息。';
const JAPANESE = 'この図書館のサイトでは、本の検索や予約ができます。新しいお知らせもお読みください。';
const KOREAN = '도서관 누리집에 오신 것을 환영합니다. 이곳에서 책을 검색하고 예약할 수 있습니다.';
const RUSSIAN = 'Добро пожаловать на сайт библиотеки. Здесь можно найти и заказать книги, прочитать новости.';
const FRENCH =
  'Bienvenue à la bibliothèque : vous pouvez y réserver des livres et lire les dernières nouveautés.';

const page = (text: string, head = ''): string =>
  `<!DOCTYPE html><html><head>${head}<title>${text}</title><style>a { color: red }</style>` +
  `<script>var a = "<b>";</script></head><body><div class="main"><h1>${text}</h1>` +
  `<a href="/a/b">${text}</a></div></body></html>`;

describe('decodeText', () => {
  it.each([
    ['gbk', CHINESE],
    ['big5', TAIWANESE],
    ['shift_jis', JAPANESE],
    ['euc-jp', JAPANESE],
    ['euc-kr', KOREAN],
    ['windows-1251', RUSSIAN],
    ['koi8-r', RUSSIAN],
    ['windows-1252', FRENCH],
  ])('reads %s, whether header, meta, XML declaration or nothing says so', (charset, text) => {
    const encoded = (content: string): Buffer =>
      charset === 'windows-1252' ? Buffer.from(content, 'latin1') : encode(charset, content);
    expect(decodeText(encoded(page(text)), `text/html; charset="${charset}"`)).toBe(page(text));
    const meta = page(text, `<meta charset=${charset}>`);
    expect(decodeText(encoded(meta), 'text/html')).toBe(meta);
    const xml = `<?xml version="1.0" encoding="${charset}"?><a>${text}</a>`;
    expect(decodeText(encoded(xml), 'application/xml')).toBe(xml);
    expect(decodeText(encoded(page(text)), 'text/html')).toBe(page(text));
    expect(decodeText(encoded(page(text)), '')).toBe(page(text));
  });

  it('reads UTF-8 that says nothing', () => {
    expect(decodeText(Buffer.from(page(CHINESE)), 'text/html')).toBe(page(CHINESE));
    expect(decodeText(Buffer.from(CHINESE), 'text/plain')).toBe(CHINESE);
    expect(decodeText(Buffer.alloc(0), 'text/html')).toBe('');
  });

  it('believes a byte order mark above all', () => {
    const utf16 = Buffer.from(`\ufeff${FRENCH}`, 'utf16le');
    expect(decodeText(utf16, 'text/html; charset=utf-8')).toBe(FRENCH);
    expect(decodeText(Buffer.from(utf16).swap16(), 'text/html; charset=gbk')).toBe(FRENCH);
    expect(decodeText(Buffer.from(`\ufeff${FRENCH}`), 'text/html; charset=iso-8859-1')).toBe(FRENCH);
  });

  it('believes the header more than the page', () => {
    const text = page(RUSSIAN, '<meta charset="koi8-r">');
    expect(decodeText(encode('windows-1251', text), 'text/html;charset=windows-1251')).toBe(text);
  });

  it('passes over labels that name nothing', () => {
    const text = page(CHINESE, '<meta charset="gbk">');
    expect(decodeText(encode('gbk', text), 'text/html; charset=none')).toBe(text);
    const wrong = page(CHINESE, '<meta charset="chinese?">');
    expect(decodeText(encode('gbk', wrong), 'text/html')).toBe(wrong);
  });

  it.each([
    '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=gb2312">',
    "<meta content='text/html;charset=GBK' http-equiv=content-type />",
    '<meta name="a" content="charset=utf-8"><meta charset = gb18030 >',
    '<!-- <meta charset="utf-8"> --><meta charset="gbk">',
    '<a title="<meta charset=utf-8>"></a><meta charset="gbk">',
    "<?php '<meta charset=big5' ?><meta/charset=gbk>",
    '<!--><meta charset=gbk>',
  ])('finds the declaration in %s', (head) => {
    const text = page(CHINESE, head);
    expect(decodeText(encode('gbk', text), 'text/html')).toBe(text);
  });

  it('does not look for declarations in what is no markup', () => {
    const text = '{"html": "<meta charset=gbk>", "a": "é"}';
    expect(decodeText(Buffer.from(text), 'application/json')).toBe(text);
  });

  it('reads the quotes and dashes of windows-1252 that are not in ISO 8859-1', () => {
    const bytes = Buffer.from([0x93, 0x61, 0x94, 0x20, 0x96, 0x20, 0x80]);
    expect(decodeText(bytes, 'text/html; charset=iso-8859-1')).toBe('“a” – €');
  });

  it('takes UTF-16 in a meta element for UTF-8, for it could not have been read', () => {
    const text = page(FRENCH, '<meta charset="utf-16">');
    expect(decodeText(Buffer.from(text), 'text/html')).toBe(text);
  });

  it('reads what is cut off in the middle of a character', () => {
    const bytes = encode('gbk', page(CHINESE).replace('</a></div></body></html>', ''));
    expect(decodeText(bytes.subarray(0, -1), 'text/html')).toContain(CHINESE);
    expect(decodeText(Buffer.from(CHINESE).subarray(0, -1), 'text/plain; charset=utf-8')).toContain('写评论');
  });

  it('needs but a few words to tell', () => {
    const text = page('豆瓣图书标签');
    expect(decodeText(encode('gbk', text), 'text/html')).toBe(text);
  });

  it('takes no time over markup that never ends', () => {
    const text = '<script '.repeat(200_000) + '\xe9';
    expect(decodeText(Buffer.from(text, 'latin1'), 'text/html')).toBe(text);
  });

  it('makes something of bytes that are no text', () => {
    const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => (i * 7_919) % 256));
    expect(decodeText(bytes, 'text/html').length).toBeGreaterThan(0);
  });
});
