import { Anchor, Button, Group, Menu, Skeleton, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Item } from '../api/client';
import { useItems } from '../api/tasks';
import { Fault } from '../shell/fault';
import { More } from '../shell/more';
import { ago } from '../shell/words';

const FORMATS = [
  ['csv', 'CSV'],
  ['jsonl', 'JSON lines'],
  ['json', 'JSON'],
  ['parquet', 'Parquet'],
] as const;

export function Items({ name }: { name: string }) {
  const [text, setText] = useState('');
  const query = useItems(name);
  const { data, error } = query;
  if (data === undefined) return error === null ? <Skeleton h={200} /> : <Fault error={error} />;
  const items = data.pages.flatMap(({ items = [] }) => items);
  if (items.length === 0) return <Text>No item was found yet.</Text>;
  const shown = items.filter(({ data = '' }) => data.toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      <Group justify="space-between" mb="xs">
        <TextInput
          aria-label="Filter the items shown"
          placeholder="Filter what is shown …"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Download name={name} />
      </Group>
      <ItemTable items={shown} />
      <More query={query} />
    </>
  );
}

function Download({ name }: { name: string }) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default">Download all</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, label]) => (
          <Menu.Item
            key={format}
            component="a"
            href={`/crawler/resource/${encodeURIComponent(name)}/items?format=${format}`}
            download
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Columns are the keys of the items, in the order of their first appearance. */
function ItemTable({ items }: { items: readonly Item[] }) {
  const rows = items.map(({ data = '{}', ...item }) => ({
    ...item,
    values: JSON.parse(data) as Record<string, unknown>,
  }));
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  return (
    <Table.ScrollContainer minWidth={640} tabIndex={0} role="region" aria-label="Items">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
            <Table.Th>From</Table.Th>
            <Table.Th>Fetched</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ url = '', position, fetchedAt, values }) => (
            <Table.Tr key={`${url} ${position}`}>
              {columns.map((column) => (
                <Table.Td key={column} maw={320}>
                  <Text size="sm" lineClamp={2}>
                    {shownValue(values[column])}
                  </Text>
                </Table.Td>
              ))}
              <Table.Td maw={240}>
                <Anchor href={url} target="_blank" rel="noreferrer" size="sm" truncate display="block">
                  {url}
                </Anchor>
              </Table.Td>
              <Table.Td>{ago(fetchedAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
