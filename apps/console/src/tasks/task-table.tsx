import { Checkbox, Skeleton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import type { Resource } from '../api/client';
import { COLUMNS } from './columns';
import type { Filter } from './filter';
import { MOST_SELECTED, type Selection } from './selection';
import { SortHeader } from './sort-header';
import type { TaskWindow } from './task-window';
import classes from './task-table.module.css';

const ROW_PX = 40;

interface TaskTableProps {
  tasks: TaskWindow;
  filter: Filter;
  onSort: (sort: string) => void;
  /** The rows that are in sight now. */
  onSight: (first: number, last: number) => void;
  selection: Selection;
}

/** Only the rows in sight are in the page, however many tasks there are. */
export function TaskTable({ tasks, filter, onSort, onSight, selection }: TaskTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const total = tasks.total ?? 0;
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last), [first, last, onSight]);
  const isChosen = ({ name = '' }: Resource): boolean => selection.names.has(name);
  const isAll =
    selection.names.size >= Math.min(total, MOST_SELECTED) &&
    shown.every(({ index }) => isChosen(tasks.at(index) ?? {}));
  const question = JSON.stringify(filter);
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [question]);
  return (
    <div ref={scroller} className={classes.scroller} tabIndex={0} role="region" aria-label="Tasks">
      <table className={classes.table} aria-rowcount={total + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={classes.check}>
              <SelectAll selection={selection} isAll={isAll} />
            </th>
            {COLUMNS.map((column) => (
              <SortHeader key={column.sort} column={column} sort={filter.sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer px={shown[0]?.start ?? 0} />
          {shown.map(({ index }) => {
            const task = tasks.at(index);
            return task === undefined ? (
              <Awaited key={index} index={index} />
            ) : (
              <Row
                key={index}
                task={task}
                index={index}
                isSelected={isChosen(task)}
                onSelect={selection.toggle}
              />
            );
          })}
          <Spacer px={rows.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

function SelectAll({
  selection: { names, selectAll, clear },
  isAll,
}: {
  selection: Selection;
  isAll: boolean;
}) {
  return (
    <Checkbox
      size="xs"
      aria-label={isAll ? 'Select none' : 'Select all that match'}
      checked={isAll}
      indeterminate={names.size > 0 && !isAll}
      onChange={isAll ? clear : selectAll}
    />
  );
}

interface RowProps {
  task: Resource;
  index: number;
  isSelected: boolean;
  onSelect: (name: string) => void;
}

const Row = memo(function Row({ task, index, isSelected, onSelect }: RowProps) {
  const { name = '' } = task;
  return (
    <tr style={{ height: ROW_PX }} aria-rowindex={index + 2} aria-selected={isSelected}>
      <td>
        <Checkbox
          size="xs"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={() => onSelect(name)}
        />
      </td>
      {COLUMNS.map(({ sort, isNumber, cell }) => (
        <td key={sort} className={isNumber ? classes.number : undefined}>
          {cell(task)}
        </td>
      ))}
    </tr>
  );
});

/** In the place of a row that is on its way. */
function Awaited({ index }: { index: number }) {
  return (
    <tr style={{ height: ROW_PX }} aria-rowindex={index + 2}>
      <td />
      <td colSpan={COLUMNS.length}>
        <Skeleton h={12} w="40%" animate={false} />
      </td>
    </tr>
  );
}

function Spacer({ px }: { px: number }) {
  return px > 0 ? (
    <tr aria-hidden style={{ height: px }}>
      <td colSpan={COLUMNS.length + 1} />
    </tr>
  ) : null;
}
