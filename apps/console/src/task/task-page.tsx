import { Alert, Group, Skeleton, Stack, Tabs, Title } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Resource } from '../api/client';
import { useTask } from '../api/task';
import { Fault } from '../shell/fault';
import { TextLink } from '../shell/text-link';
import { usePageTitle } from '../shell/page-title';
import { Controls } from '../tasks/controls';
import { TaskState } from '../tasks/task-state';
import { Figures } from './figures';
import { HowItGoes } from './history/how-it-goes';
import { Log } from './log/log';
import { Hosts } from './results/hosts';
import { Items } from './results/items';
import { Pages } from './results/pages';
import { Why } from './why';

const Spec = lazy(() => import('./spec/spec'));

export function TaskPage({ name }: { name: string }) {
  usePageTitle(name);
  const { data, error } = useTask(name);
  if (error?.status === 404) return <NoSuchTask name={name} />;
  if (data === undefined) return error === undefined ? <Skeleton h={300} /> : <Fault error={error} />;
  return <Task name={name} resource={data} />;
}

function Task({ name, resource }: { name: string; resource: Resource }) {
  const [, navigate] = useLocation();
  const { task, control } = resource;
  return (
    <Stack>
      <Group justify="space-between">
        <Group>
          <Title order={2} size="h4">
            {name}
          </Title>
          <TaskState task={task} />
        </Group>
        <Controls
          tasks={[{ name, expected: control }]}
          isPaused={control?.paused ?? false}
          failedCount={Number(task?.pagesFailed ?? 0)}
          onDeleted={() => navigate('/tasks')}
        />
      </Group>
      <Why name={name} resource={resource} />
      <Figures resource={resource} />
      <HowItGoes name={name} resource={resource} />
      <Details
        of={{
          Items: <Items name={name} resource={resource} />,
          Log: <Log name={name} />,
          Hosts: <Hosts name={name} resource={resource} />,
          Pages: <Pages name={name} resource={resource} failed={false} />,
          Failures: <Pages name={name} resource={resource} failed />,
          Spec: <Spec name={name} spec={resource.spec} />,
        }}
      />
    </Stack>
  );
}

/** Only the one that is looked at is there and asks for anything. Which one stands in the page's address. */
function Details({ of }: { of: Record<string, ReactNode> }) {
  const [params, setParams] = useSearchParams();
  const labels = Object.keys(of);
  const shown = labels.find((label) => label.toLowerCase() === params.get('tab')) ?? labels[0] ?? null;
  const show = (label: string | null): void =>
    setParams(
      (others) => {
        others.set('tab', label?.toLowerCase() ?? '');
        return others;
      },
      { replace: true },
    );
  return (
    <Tabs value={shown} onChange={show} keepMounted={false}>
      <Tabs.List>
        {labels.map((label) => (
          <Tabs.Tab key={label} value={label}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {Object.entries(of).map(([label, detail]) => (
        <Tabs.Panel key={label} value={label} pt="sm">
          <Suspense fallback={<Skeleton h={200} />}>{detail}</Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function NoSuchTask({ name }: { name: string }) {
  return (
    <Alert color="yellow" title={`There is no task ${name}`}>
      It was deleted, or never added. <TextLink href="/tasks">All tasks</TextLink>
    </Alert>
  );
}
