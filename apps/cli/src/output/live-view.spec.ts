import { EXIT, Failure } from '../failure.js';
import { FakeTerminal } from '../testing/fake-terminal.js';
import { liveView } from './live-view.js';

const LEFT = '\u001B[?7h\u001B[?25h\u001B[?1049l';

/** A view that shows what it is given. */
class Shown {
  text: string | undefined;
  changed: () => void = () => {};
  fail: (error: unknown) => void = () => {};
  readonly done: Promise<void>;

  constructor(readonly terminal: FakeTerminal) {
    this.done = liveView(terminal.streams, {
      picture: () => this.text,
      foot: () => 'the foot',
      run: (changed, signal) =>
        new Promise((resolve, reject) => {
          this.changed = changed;
          this.fail = reject;
          signal.addEventListener('abort', () => resolve());
        }),
    });
  }

  show(text: string): void {
    this.text = text;
    this.changed();
  }

  async end(): Promise<void> {
    this.terminal.keyboard.write('q');
    await this.done;
  }
}

describe('a view that is drawn as it changes', () => {
  it.each([
    ['q', (terminal: FakeTerminal) => terminal.keyboard.write('q')],
    ['Ctrl-C', (terminal: FakeTerminal) => terminal.keyboard.write('\u0003')],
    ['a signal', () => process.emit('SIGTERM')],
  ])('ends with %s and leaves the terminal as it was', async (_, end) => {
    const terminal = new FakeTerminal(40, 8);
    const view = new Shown(terminal);
    view.show('picture 1');
    view.show('picture 2');
    expect(terminal.lines).toEqual(['picture 2', '', '', '', '', '', '', 'the foot']);
    end(terminal);
    await view.done;
    expect(terminal.written[0]).toContain('\u001B[?1049h');
    expect(terminal.written.at(-1)).toBe(LEFT);
    expect(terminal.modes).toEqual([true, false]);
    expect(process.listenerCount('SIGINT') + terminal.listenerCount('resize')).toBe(0);
  });

  it('writes nothing where nothing has changed, and never clears what it draws over', async () => {
    const terminal = new FakeTerminal(40, 8);
    const view = new Shown(terminal);
    view.show('picture');
    view.show('picture');
    expect(terminal.written).toHaveLength(1);
    expect(terminal.written[0]).not.toContain('\u001B[2J');
    await view.end();
  });

  it('leaves the screen alone as long as there is nothing to show', async () => {
    const terminal = new FakeTerminal(40, 8);
    const view = new Shown(terminal);
    view.fail(new Failure(EXIT.unavailable, 'no master'));
    await expect(view.done).rejects.toThrow('no master');
    expect([terminal.written, terminal.modes]).toEqual([[], [true, false]]);
  });

  it('ends with a failure, the terminal as it was', async () => {
    const terminal = new FakeTerminal(40, 8);
    const view = new Shown(terminal);
    view.show('picture');
    view.fail(new Failure(EXIT.failed, 'no'));
    await expect(view.done).rejects.toThrow('no');
    expect(terminal.written.at(-1)).toBe(LEFT);
  });

  it('draws no more than fits, and anew when the terminal has another size', async () => {
    const terminal = new FakeTerminal(10, 4);
    const view = new Shown(terminal);
    view.show(Array.from({ length: 50 }, (_, n) => `a long line ${n}`).join('\n'));
    expect(terminal.lines).toEqual(['a long li…', 'a long li…', '', 'the foot']);
    terminal.columns = 20;
    terminal.emit('resize');
    expect(terminal.lines[0]).toBe('a long line 0');
    await view.end();
  });

  it('keeps only the newest picture for a terminal that is behind', async () => {
    const terminal = new FakeTerminal(20, 3);
    terminal.write = (part) => terminal.written.push(String(part)) === 0;
    const view = new Shown(terminal);
    for (const text of ['one', 'two', 'three']) view.show(text);
    expect(terminal.written).toHaveLength(1);
    terminal.emit('drain');
    expect([terminal.lines[0], terminal.written.length]).toEqual(['three', 2]);
    await view.end();
  });
});
