import { Code, Text } from '@mantine/core';
import { stringify } from 'yaml';

export function Spec({ text }: { text: unknown }) {
  if (text === undefined || text === '') {
    return <Text>It was added by name alone: its worker knows what to crawl.</Text>;
  }
  return <Code block>{stringify(typeof text === 'string' ? JSON.parse(text) : text)}</Code>;
}
