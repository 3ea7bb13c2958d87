import { chunksOf } from './export-chunks.js';

const HEAD = { contentType: 'text/csv', fileName: 'a.csv' };

describe('the pieces of an exported file', () => {
  it('say that the work goes on while nothing comes of it', async () => {
    let goOn = (): void => undefined;
    const stop = new Promise<void>((resolve) => (goOn = resolve));
    const slow = async function* () {
      await stop;
      yield Buffer.from('at last');
    };
    const sizes: number[] = [];
    const texts: string[] = [];
    for await (const { data } of chunksOf(slow(), HEAD, new AbortController().signal, 5)) {
      sizes.push(data.length);
      texts.push(data.toString());
      if (sizes.length === 4) goOn();
    }
    expect(sizes.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(texts.join('')).toBe('at last');
  });

  it('end the work when nobody wants them any more', async () => {
    let ended = false;
    const endless = async function* () {
      try {
        for (;;) yield Buffer.from('x');
      } finally {
        ended = true;
      }
    };
    for await (const { data } of chunksOf(endless(), HEAD, new AbortController().signal)) {
      if (data.length > 0) break;
    }
    expect(ended).toBe(true);
  });

  it('break off with what went wrong', async () => {
    const broken = async function* () {
      yield Buffer.from('x');
      throw new Error('the disk is gone');
    };
    const all = async () => {
      for await (const chunk of chunksOf(broken(), HEAD, new AbortController().signal)) void chunk;
    };
    await expect(all()).rejects.toThrow('the disk is gone');
  });
});
