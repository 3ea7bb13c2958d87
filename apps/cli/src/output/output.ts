import type { OutputStream } from '../streams.js';
import { type Colours, coloursFor } from './colours.js';
import { renderTable } from './table.js';

export const FORMATS = ['table', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

export interface TableView {
  readonly head: readonly string[];
  readonly rows: readonly string[][];
  /** Shown instead of a table without rows. */
  readonly empty?: string;
}

/** What a command shows: the whole answer as JSON or YAML, or what matters of it as a table. */
export class Output {
  readonly colours: Colours;

  constructor(
    readonly format: Format,
    private readonly streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  ) {
    this.colours = coloursFor(streams.stdout);
  }

  async show(answer: unknown, view: (colours: Colours) => TableView | string): Promise<void> {
    this.streams.stdout.write(await this.render(answer, view));
  }

  /** One of many answers, which come one by one: JSON on a line of its own, or an entry of a list in YAML. */
  async line(answer: unknown, view: (colours: Colours) => string): Promise<void> {
    const text = this.format === 'json' ? `${JSON.stringify(answer)}\n` : await this.render([answer], view);
    this.streams.stdout.write(text);
  }

  /** A remark beside the answer; it goes to stderr, so that what is piped on stays clean. */
  remark(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }

  /** As `show` would write it. */
  async render(answer: unknown, view: (colours: Colours) => TableView | string): Promise<string> {
    if (this.format === 'json') return `${JSON.stringify(answer, undefined, 2)}\n`;
    if (this.format === 'yaml') return (await import('yaml')).stringify(answer);
    const shown = view(this.colours);
    if (typeof shown === 'string') return `${shown}\n`;
    if (shown.rows.length === 0 && shown.empty !== undefined) return `${shown.empty}\n`;
    return renderTable(shown.head, shown.rows, this.colours);
  }
}
