import { Alert, Anchor, Card, Group, SimpleGrid, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { ApiError, type Resource } from '../api/client';
import { useTask } from '../api/tasks';
import { Fault } from '../shell/fault';
import { age, ago, count, rate } from '../shell/words';
import { TaskState } from '../tasks/task-state';
import { Controls } from './controls';
import { Items } from './items';
import { Pages } from './pages';
import { Spec } from './spec';
import { Why } from './why';

const Progress = lazy(() => import('./progress'));

export function TaskPage({ name }: { name: string }) {
  const { data, error } = useTask(name);
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Alert color="yellow" title={`There is no task ${name}`}>
        It was deleted, or never added.{' '}
        <Anchor component={Link} href="/tasks">
          All tasks
        </Anchor>
      </Alert>
    );
  }
  if (data === undefined) return error === null ? <Skeleton h={300} /> : <Fault error={error} />;
  return (
    <Stack>
      <Group>
        <Title order={2} size="h4">
          {name}
        </Title>
        <TaskState task={data.task} />
      </Group>
      <Controls resource={data} />
      <Figures resource={data} />
      <Why name={name} />
      <Suspense fallback={<Skeleton h={180} />}>
        <Progress task={data.task} />
      </Suspense>
      <Tabs defaultValue="items" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="items">Items</Tabs.Tab>
          <Tabs.Tab value="pages">Pages</Tabs.Tab>
          <Tabs.Tab value="failures">Failures</Tabs.Tab>
          <Tabs.Tab value="spec">Spec</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="items" pt="sm">
          <Items name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="pages" pt="sm">
          <Pages name={name} failed={false} />
        </Tabs.Panel>
        <Tabs.Panel value="failures" pt="sm">
          <Pages name={name} failed />
        </Tabs.Panel>
        <Tabs.Panel value="spec" pt="sm">
          <Spec text={data.spec} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function Figures({ resource: { task, nodeId = '', createdAt, nextRunAt } }: { resource: Resource }) {
  const figures: [string, string][] = [
    ['Pages done', count(task?.pagesDone)],
    ['Queued', count(task?.pagesQueued)],
    ['Failed', count(task?.pagesFailed)],
    ['Items', count(task?.items)],
    ['Pages/s', rate(task?.pagesPerSecond)],
    ['Run', count(task?.run)],
    ['In this state for', age(task?.since)],
    ['Worker', nodeId === '' ? 'none' : nodeId.replace(/^go\.micro\.server\./, '')],
    ['Added', ago(createdAt)],
    ...(nextRunAt === undefined
      ? []
      : [['Next run', new Date(nextRunAt).toLocaleString()] as [string, string]]),
  ];
  return (
    <>
      <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }} component="dl" m={0}>
        {figures.map(([label, value]) => (
          <Card key={label} withBorder padding="xs">
            <Text component="dt" size="xs">
              {label}
            </Text>
            <Text component="dd" m={0} fw={600} truncate>
              {value}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </>
  );
}
