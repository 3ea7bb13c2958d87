import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { TextLink } from '../shell/text-link';
import type { Resource } from '../api/client';
import { count, nodeName, rate } from '../shell/words';
import { TaskState } from './task-state';

export interface Column {
  /** As the API sorts by it. */
  sort: string;
  label: string;
  isNumber?: true;
  cell: (task: Resource) => ReactNode;
}

export const COLUMNS: readonly Column[] = [
  {
    sort: 'name',
    label: 'Name',
    cell: ({ name = '' }) => <TextLink href={`/tasks/${encodeURIComponent(name)}`}>{name}</TextLink>,
  },
  {
    sort: 'state',
    label: 'State',
    cell: ({ nodeId = '', task }) => (
      <TaskState task={nodeId === '' ? { state: 'pending', reason: 'no worker has it' } : task} />
    ),
  },
  {
    sort: 'worker',
    label: 'Worker',
    cell: ({ nodeId = '' }) => (nodeId === '' ? '–' : nodeName(nodeId).replace(/^worker-/, '')),
  },
  { sort: 'done', label: 'Done', isNumber: true, cell: ({ task }) => count(task?.pagesDone) },
  { sort: 'queued', label: 'Queued', isNumber: true, cell: ({ task }) => count(task?.pagesQueued) },
  { sort: 'failed', label: 'Failed', isNumber: true, cell: ({ task }) => count(task?.pagesFailed) },
  { sort: 'items', label: 'Items', isNumber: true, cell: ({ task }) => count(task?.items) },
  { sort: 'rate', label: 'Pages/s', isNumber: true, cell: ({ task }) => rate(task?.pagesPerSecond) },
  {
    sort: 'error',
    label: 'Last error',
    cell: ({ task: { lastError = '' } = {} }) => (
      <Text size="xs" truncate title={lastError}>
        {lastError}
      </Text>
    ),
  },
];
