import { Alert, Button, Code, Group, Select, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useNodes } from '../api/cluster';
import { useTasks } from '../api/tasks';
import { count } from '../shell/words';
import { AddTask } from './add-task';
import { TaskTable } from './task-table';

export function TasksPage() {
  const [text, setText] = useState('');
  const [prefix] = useDebouncedValue(text, 200);
  const [nodeId, setNodeId] = useState('');
  const [adding, { open, close }] = useDisclosure();
  const nodes = useNodes().data?.nodes ?? [];
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useTasks({ prefix, nodeId });
  const tasks = useMemo(() => data?.pages.flatMap(({ resources = [] }) => resources), [data]);
  const total = data?.pages[0]?.total ?? 0;
  const isFiltered = prefix !== '' || nodeId !== '';
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h5">
          Tasks
        </Title>
        <Button onClick={open}>Add a task</Button>
      </Group>
      <Group grow preventGrowOverflow={false} wrap="wrap">
        <TextInput
          aria-label="Name begins with"
          placeholder="Name begins with …"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Select
          aria-label="Worker"
          placeholder="On any worker"
          clearable
          data={nodes.flatMap(({ id }) => (id === undefined ? [] : [id]))}
          value={nodeId === '' ? null : nodeId}
          onChange={(id) => setNodeId(id ?? '')}
        />
      </Group>
      {tasks === undefined ? (
        <Skeleton h={300} />
      ) : tasks.length === 0 ? (
        <NoTask isFiltered={isFiltered} />
      ) : (
        <>
          <Text size="sm" role="status">
            {count(total)} {total === 1 ? 'task' : 'tasks'}
          </Text>
          <TaskTable
            tasks={tasks}
            total={total}
            onEnd={() => {
              if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
            }}
          />
        </>
      )}
      <AddTask opened={adding} onClose={close} />
    </Stack>
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
