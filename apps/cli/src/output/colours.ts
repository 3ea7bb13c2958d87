/** Colours of the terminal, or none where nobody would see them. */
export interface Colours {
  readonly enabled: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** One of a few colours that are easy to tell apart, always the same for an index. */
  numbered(index: number, text: string): string;
}

const DISTINCT = [36, 32, 33, 35, 34, 31];

/** Only on a terminal, and never with NO_COLOR (https://no-color.org); FORCE_COLOR overrules the terminal. */
export function coloursFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Colours {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const enabled = !env['NO_COLOR'] && env['TERM'] !== 'dumb' && (forced || stream.isTTY === true);
  const paint = (code: number, end: number) => (text: string) =>
    enabled && text !== '' ? `\u001B[${code}m${text}\u001B[${end}m` : text;
  return {
    enabled,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    numbered: (index, text) => paint(DISTINCT[index % DISTINCT.length] ?? 36, 39)(text),
  };
}
