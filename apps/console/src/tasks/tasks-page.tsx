import { Alert, Button, Code, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useCluster } from '../api/cluster';
import { NoLeader } from '../cluster/no-leader';
import { Fault } from '../shell/fault';
import { several } from '../shell/words';
import { Controls } from './controls';
import { FilterBar } from './filter-bar';
import { isFiltered, useFilter } from './filter';
import { TaskTable } from './task-table';
import { useTaskWindow, type TaskWindow } from './task-window';

const AddTask = lazy(() => import('./editor/add-task'));

export function TasksPage() {
  const cluster = useCluster();
  const [filter, change] = useFilter();
  const [sight, setSight] = useState({ first: 0, last: 0 });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const tasks = useTaskWindow(filter, sight.first, sight.last);
  const onSight = useCallback((first: number, last: number) => setSight({ first, last }), []);
  const onSelect = useCallback((name: string) => setSelected((names) => toggled(names, name)), []);
  return (
    <Stack gap="sm">
      <NoLeader cluster={cluster} />
      <Head tasks={tasks} />
      <FilterBar filter={filter} onChange={change} counts={tasks.counts} nodes={cluster?.nodes ?? []} />
      {selected.size > 0 && <Selection names={[...selected]} onClear={() => setSelected(new Set())} />}
      {tasks.total === 0 ? (
        <NoTask isFiltered={isFiltered(filter)} />
      ) : tasks.total !== undefined ? (
        <TaskTable
          tasks={tasks}
          filter={filter}
          onSort={(sort) => change({ sort })}
          onSight={onSight}
          selected={selected}
          onSelect={onSelect}
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

function Selection({ names, onClear }: { names: readonly string[]; onClear: () => void }) {
  return (
    <Paper withBorder p="xs" role="region" aria-label="Selected tasks">
      <Group justify="space-between">
        <Text size="sm">{several(names.length, 'task')} selected</Text>
        <Group gap="xs">
          <Controls tasks={names.map((name) => ({ name }))} onDeleted={onClear} />
          <Button variant="subtle" onClick={onClear}>
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
        orbweaver add NAME --spec FILE
      </Code>
    </Alert>
  );
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const others = new Set(names);
  if (!others.delete(name)) others.add(name);
  return others;
}
