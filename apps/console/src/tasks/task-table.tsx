import { Table, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { Resource } from '../api/client';
import { count, rate } from '../shell/words';
import { TaskState } from './task-state';
import classes from './task-table.module.css';

const ROW_PX = 40;

interface TaskTableProps {
  tasks: readonly Resource[];
  /** How many there are, loaded or not. */
  total: number;
  /** The last loaded row came into sight. */
  onEnd: () => void;
}

/** Only the rows in sight are in the page, however many tasks there are. */
export function TaskTable({ tasks, total, onEnd }: TaskTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const shown = rows.getVirtualItems();
  const lastIndex = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastIndex >= tasks.length - 1 && tasks.length < total) onEnd();
  }, [lastIndex, tasks.length, total, onEnd]);
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={classes.scroller} tabIndex={0} role="region" aria-label="Tasks">
      <Table stickyHeader highlightOnHover className={classes.table} aria-rowcount={total}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Worker</Table.Th>
            <Table.Th ta="right">Done</Table.Th>
            <Table.Th ta="right">Queued</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th ta="right">Items</Table.Th>
            <Table.Th ta="right">Pages/s</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Spacer px={before} />
          {shown.map(({ index }) => {
            const task = tasks[index];
            return task === undefined ? null : <Row key={task.name} task={task} index={index} />;
          })}
          <Spacer px={after} />
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Row({ task: { name = '', nodeId = '', task }, index }: { task: Resource; index: number }) {
  return (
    <Table.Tr h={ROW_PX} aria-rowindex={index + 2}>
      <Table.Td className={classes.name}>
        <Link href={`/tasks/${encodeURIComponent(name)}`}>{name}</Link>
      </Table.Td>
      <Table.Td>
        <TaskState task={nodeId === '' ? { state: 'pending', reason: 'no worker has it' } : task} />
      </Table.Td>
      <Table.Td>
        <Text size="sm" truncate maw={180}>
          {nodeId === '' ? '–' : nodeId.replace(/^go\.micro\.server\.worker-/, '')}
        </Text>
      </Table.Td>
      <Table.Td ta="right">{count(task?.pagesDone)}</Table.Td>
      <Table.Td ta="right">{count(task?.pagesQueued)}</Table.Td>
      <Table.Td ta="right">{count(task?.pagesFailed)}</Table.Td>
      <Table.Td ta="right">{count(task?.items)}</Table.Td>
      <Table.Td ta="right">{rate(task?.pagesPerSecond)}</Table.Td>
    </Table.Tr>
  );
}

function Spacer({ px }: { px: number }) {
  return px > 0 ? (
    <tr aria-hidden style={{ height: px }}>
      <td colSpan={8} />
    </tr>
  ) : null;
}
