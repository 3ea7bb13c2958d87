import { analyse } from 'chardet';
import { encodingOf } from './encodings.js';

/** What the bytes of a text that is not UTF-8 look like; windows-1252 when nothing else fits, as in browsers. */
export function detectEncoding(body: Buffer): string {
  const sample = textOf(body);
  // A few words look as much like one of the East Asian encodings as like the others: GBK is the likeliest.
  const matches = analyse(sample).toSorted(
    (a, b) => b.confidence - a.confidence || Number(b.name === 'GB18030') - Number(a.name === 'GB18030'),
  );
  for (const { name } of matches) {
    const encoding = encodingOf(name);
    if (encoding !== undefined && encoding !== 'utf-8' && fits(encoding, sample)) return encoding;
  }
  return 'windows-1252';
}

/** Whether all bytes are ones of the encoding; the last character may be cut off. */
function fits(encoding: string, sample: Buffer): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    // A TypeError: they are not.
    return false;
  }
}

/**
 * The runs of text that are not plain ASCII, for markup and scripts say nothing of the language; each once, for
 * a title that comes again says nothing more.
 */
function textOf(body: Buffer): Buffer {
  const runs = body
    .toString('latin1', 0, MAX_BYTES)
    .split(/[<>\r\n]+/)
    .filter((run) => /[\x80-\xff]/.test(run));
  return Buffer.from([...new Set(runs)].join(' ').slice(0, SAMPLE_BYTES), 'latin1');
}

const MAX_BYTES = 256 << 10;
const SAMPLE_BYTES = 16 << 10;
