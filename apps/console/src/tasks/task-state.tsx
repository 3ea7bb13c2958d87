import { Badge, Tooltip } from '@mantine/core';
import type { TaskStatus } from '../api/client';

const COLOURS: Record<string, string> = {
  running: 'teal',
  done: 'blue',
  failed: 'red',
  paused: 'yellow',
};

/** The state of a task, with its reason where there is one. Undefined: its worker does not answer. */
export function TaskState({ task }: { task: TaskStatus | undefined }) {
  const { state = 'unknown', reason = '' } = task ?? {};
  const badge = (
    <Badge variant="dot" color={COLOURS[state] ?? 'gray'} tabIndex={reason === '' ? undefined : 0}>
      {state}
    </Badge>
  );
  return reason === '' ? badge : <Tooltip label={reason}>{badge}</Tooltip>;
}
