import { UnstyledButton } from '@mantine/core';
import type { Column } from './columns';
import classes from './task-table.module.css';

interface SortHeaderProps {
  column: Column;
  sort: string;
  onSort: (sort: string) => void;
}

/** A column's head, that sorts by it: figures with the largest first, texts from A; the other way at the second time. */
export function SortHeader({ column: { sort: key, label, isNumber }, sort, onSort }: SortHeaderProps) {
  const isUp = sort === key;
  const isDown = sort === `-${key}`;
  const first = isNumber ? `-${key}` : key;
  const second = isNumber ? key : `-${key}`;
  return (
    <th
      scope="col"
      className={isNumber ? classes.number : (classes[key] ?? '')}
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : 'none'}
    >
      <UnstyledButton className={classes.sort} onClick={() => onSort(sort === first ? second : first)}>
        {label}
        {isUp ? ' ▲' : isDown ? ' ▼' : ''}
      </UnstyledButton>
    </th>
  );
}
