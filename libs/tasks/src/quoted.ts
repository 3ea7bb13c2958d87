const MAX_LENGTH = 200;

/** A text as a fault shows it: in quotes, and not all of it if it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
}
