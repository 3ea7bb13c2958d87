import { Alert, Button, Code, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useCluster } from '../api/cluster';
import { NoLeader } from '../cluster/no-leader';
import { Fault } from '../shell/fault';
import { count, several } from '../shell/words';
import { usePageTitle } from '../shell/page-title';
import { Controls } from './controls';
import { FilterBar } from './filter-bar';
import { isFiltered, useFilter } from './filter';
import { MOST_SELECTED, useSelection, type Selection } from './selection';
import { TaskTable } from './task-table';
import { useTaskWindow, type TaskWindow } from './task-window';

const AddTask = lazy(() => import('./editor/add-task'));

export function TasksPage() {
  usePageTitle('Tasks');
  const cluster = useCluster();
  const [filter, change] = useFilter();
  const [sight, setSight] = useState({ first: 0, last: 0 });
  const selection = useSelection(filter);
  const tasks = useTaskWindow(filter, sight.first, sight.last);
  const onSight = useCallback((first: number, last: number) => setSight({ first, last }), []);
  return (
    <Stack gap="sm">
      <NoLeader cluster={cluster} />
      <Head tasks={tasks} />
      <FilterBar filter={filter} onChange={change} counts={tasks.counts} nodes={cluster?.nodes ?? []} />
      {selection.error !== null && <Fault error={selection.error} />}
      {selection.names.size > 0 && <Selected selection={selection} total={tasks.total ?? 0} />}
      {tasks.total === 0 ? (
        <NoTask isFiltered={isFiltered(filter)} />
      ) : tasks.total !== undefined ? (
        <TaskTable
          tasks={tasks}
          filter={filter}
          onSort={(sort) => change({ sort })}
          onSight={onSight}
          selection={selection}
        />
      ) : tasks.error === undefined ? (
        <Skeleton h={300} />
      ) : (
        <Fault error={tasks.error} />
      )}
    </Stack>
  );
}

function Head({ tasks: { total } }: { tasks: TaskWindow }) {
  const [adding, { open, close }] = useDisclosure();
  return (
    <Group justify="space-between">
      <Group gap="sm">
        <Title order={2} size="h5">
          Tasks
        </Title>
        <Text size="sm" role="status">
          {total === undefined ? '' : several(total, 'task')}
        </Text>
      </Group>
      <Button onClick={open}>Add a task</Button>
      <Suspense>{adding && <AddTask onClose={close} />}</Suspense>
    </Group>
  );
}

function Selected({ selection: { names, clear }, total }: { selection: Selection; total: number }) {
  const isFull = names.size === MOST_SELECTED && total > MOST_SELECTED;
  return (
    <Paper withBorder p="xs" role="region" aria-label="Selected tasks">
      <Group justify="space-between">
        <Text size="sm" role="status">
          {several(names.size, 'task')} selected
          {isFull && `, the first of ${count(total)}: more is not done at a time`}
        </Text>
        <Group gap="xs">
          <Controls tasks={[...names].map((name) => ({ name }))} onDeleted={clear} />
          <Button variant="subtle" onClick={clear}>
            Select none
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

function NoTask({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Alert title="No task matches">Clear the filter to see all tasks.</Alert>;
  return (
    <Alert title="There is no task yet">
      Add one here, or from a terminal:
      <Code block mt="xs">
        orbweaver add FILE
      </Code>
    </Alert>
  );
}
