import { Card, SimpleGrid, Text } from '@mantine/core';
import type { Resource } from '../api/client';
import { age, ago, count, nodeName, rate } from '../shell/words';

export function Figures({ resource: { task, nodeId = '', createdAt, nextRunAt } }: { resource: Resource }) {
  const figures: [string, string][] = [
    ['Pages done', count(task?.pagesDone)],
    ['Queued', count(task?.pagesQueued)],
    ['Failed', count(task?.pagesFailed)],
    ['Items', count(task?.items)],
    ['Pages/s', rate(task?.pagesPerSecond)],
    ['Run', count(task?.run)],
    ['In this state for', age(task?.since)],
    ['Worker', nodeId === '' ? 'none' : nodeName(nodeId)],
    ['Added', ago(createdAt)],
  ];
  if (nextRunAt !== undefined) figures.push(['Next run', new Date(nextRunAt).toLocaleString()]);
  if ((task?.lastError ?? '') !== '') figures.push(['Last error', task?.lastError ?? '']);
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }} component="dl" m={0} spacing="xs">
      {figures.map(([label, value]) => (
        <Card key={label} withBorder padding="xs">
          <Text component="dt" size="xs">
            {label}
          </Text>
          <Text component="dd" m={0} fw={600} truncate title={value}>
            {value}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
