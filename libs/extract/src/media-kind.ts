export type MediaKind = 'html' | 'xml' | 'json' | 'text' | 'other';

/** What a body is: by what its host calls it, and where the host does not say, by how it begins. */
export function mediaKind(contentType: string, body: Buffer): MediaKind {
  const mediaType = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (mediaType === 'text/html' || mediaType === 'application/xhtml+xml') return 'html';
  if (mediaType === '') return kindOf(body.subarray(0, SNIFFED_BYTES));
  if (/^(?:application|text)\/(?:x-)?json$|\+json$/.test(mediaType)) return 'json';
  if (/^(?:application|text)\/xml$|\+xml$/.test(mediaType)) return 'xml';
  const isText = /^text\/|^application\/(?:(?:x-)?javascript|ecmascript|x-ndjson|yaml)$/.test(mediaType);
  return isText ? 'text' : 'other';
}

const SNIFFED_BYTES = 1_024;

function kindOf(head: Buffer): MediaKind {
  if (head.includes(0)) return 'other';
  const start = head.toString('latin1').replace(/^(?:\xef\xbb\xbf)?\s+/, '');
  if (start.startsWith('<?xml')) return 'xml';
  if (start.startsWith('<')) return 'html';
  return /^[{[]/.test(start) ? 'json' : 'text';
}
