import { parse } from 'yaml';

/** The repository's own, as they are when the console is built. */
const FILES = import.meta.glob<string>('../../../../../examples/*.yaml', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface Example {
  name: string;
  /** Its first sentence. */
  about: string;
  text: string;
}

export const EXAMPLES: readonly Example[] = Object.values(FILES).map((file) => {
  const text = file.replace(/^# yaml-language-server.*\n(?:#\n)?/, '');
  const about = /^# (.*(?:\n# .*)*)/.exec(text)?.[1]?.replaceAll('\n# ', ' ') ?? '';
  const { name } = parse(text) as { name: string };
  return { name, about: /^.*?[.?!](?= |$)/.exec(about)?.[0] ?? about, text };
});
