import { setImmediate } from 'node:timers/promises';
import { decodeText } from '@app/fetch';
import type { PageContent } from './extraction.js';
import { parseLongHtml } from './html/parse-html.js';
import { mediaKind } from './media-kind.js';
import { isMarkup, Page } from './page.js';

/** Of a long page, with turns for others in between. */
export async function readPage(content: PageContent): Promise<Page> {
  const kind = mediaKind(content.contentType, content.body);
  if (kind === 'other') return new Page(content, kind, '');
  const decoded = decodeText(content.body, content.contentType);
  const text = decoded.includes('\0') ? decoded.replaceAll('\0', '\uFFFD') : decoded;
  if (!isMarkup(kind) || text.length <= LONG) return new Page(content, kind, text);
  return new Page(content, kind, text, await parseLongHtml(text, kind === 'xml', () => setImmediate()));
}

const LONG = 512 * 1024;
