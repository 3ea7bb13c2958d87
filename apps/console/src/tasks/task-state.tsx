import { Badge, Tooltip } from '@mantine/core';
import type { TaskStatus } from '../api/client';
import { COLOURS, nameOf } from './states';

/** The state of a task, with its reason where there is one. Undefined: its worker does not answer. */
export function TaskState({ task }: { task: TaskStatus | undefined }) {
  const { reason = '' } = task ?? {};
  const state = nameOf(task?.state);
  const badge = (
    <Badge variant="dot" color={COLOURS[state] ?? 'gray'} tabIndex={reason === '' ? undefined : 0}>
      {state}
    </Badge>
  );
  return reason === '' ? (
    badge
  ) : (
    <Tooltip label={reason} multiline maw={320}>
      {badge}
    </Tooltip>
  );
}
