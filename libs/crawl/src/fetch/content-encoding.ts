import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** The body without its content encoding; undefined when that is one we did not ask for. */
export function decoded(body: Readable, encoding: string | undefined): Readable | undefined {
  const names = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  const decoders: Transform[] = [];
  // Listed in the order in which they were applied.
  for (const name of names.toReversed()) {
    if (name === '' || name === 'identity') continue;
    const create = DECODERS[name];
    if (create === undefined || decoders.length === MAX_LAYERS) return undefined;
    decoders.push(create());
  }
  const last = decoders.at(-1);
  if (last === undefined) return body;
  // An error of any part reaches the reader through the last one.
  pipeline([body, ...decoders], () => {});
  return last;
}

const MAX_LAYERS = 3;

const DECODERS: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
