import { until } from '../../../../test/support/until.js';
import { EXIT, Failure } from '../failure.js';
import { liveView } from './live-view.js';

/** A terminal of 40 by 8, as far as it is written to. */
class FakeTerminal {
  readonly isTTY = true;
  readonly columns = 40;
  readonly rows = 8;
  written: string[] = [];
  write = (part: string | Uint8Array): boolean => {
    this.written.push(String(part));
    return true;
  };

  async shows(text: string): Promise<void> {
    await until(() => this.written.at(-1)?.includes(text), { what: `it shows ${text}`, everyMs: 1 });
  }
}

describe('a view that is drawn again and again', () => {
  it('goes on until Ctrl-C and leaves the terminal as it was', async () => {
    const terminal = new FakeTerminal();
    let drawn = 0;
    const watching = liveView(terminal, 1, async () => `picture ${++drawn}`);
    await until(() => drawn >= 3, { what: 'it is drawn again and again' });
    process.emit('SIGINT');
    await watching;
    expect(terminal.written[0]).toContain('\u001B[?1049h');
    expect(terminal.written.at(-1)).toBe('\u001B[?25h\u001B[?1049l');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it('keeps the last picture while no master answers, says so, and goes on', async () => {
    const terminal = new FakeTerminal();
    let isAway = false;
    const watching = liveView(terminal, 1, async () => {
      if (isAway) throw new Failure(EXIT.unavailable, 'No master answers.\nStart one.');
      return 'picture';
    });
    await terminal.shows('Ctrl-C ends');
    isAway = true;
    await terminal.shows('No master answers.');
    expect(terminal.written.at(-1)).toContain('picture');
    isAway = false;
    await terminal.shows('Ctrl-C ends');
    process.emit('SIGINT');
    await watching;
  });

  it('ends with any other failure, the terminal as it was', async () => {
    const terminal = new FakeTerminal();
    const failed = liveView(terminal, 1, () => Promise.reject(new Failure(EXIT.failed, 'no')));
    await expect(failed).rejects.toThrow('no');
    expect(terminal.written.at(-1)).toBe('\u001B[?25h\u001B[?1049l');
  });

  it('draws no more lines than fit', async () => {
    const terminal = new FakeTerminal();
    const watching = liveView(terminal, 1, async () =>
      Array.from({ length: 50 }, (_, n) => `line ${n}`).join('\n'),
    );
    await terminal.shows('line 4');
    expect(terminal.written.at(-1)).not.toContain('line 5');
    process.emit('SIGINT');
    await watching;
  });

  it('draws once where nobody watches', async () => {
    const written: string[] = [];
    await liveView({ write: (part) => written.push(String(part)) }, 1, async () => 'picture\n');
    expect(written).toEqual(['picture\n']);
  });
});
