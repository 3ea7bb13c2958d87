import { Button, Group, Menu, Skeleton, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Resource } from '../../api/client';
import { useItems } from '../../api/task';
import { ItemTable } from '../../items/item-table';
import { Fault } from '../../shell/fault';
import { More } from '../../shell/more';
import { several } from '../../shell/words';

const FORMATS = [
  ['csv', 'CSV'],
  ['jsonl', 'JSON lines'],
  ['json', 'JSON'],
  ['parquet', 'Parquet'],
] as const;

export function Items({ name, resource }: { name: string; resource: Resource }) {
  const [text, setText] = useState('');
  const query = useItems(name, resource);
  const { data, error } = query;
  if (data === undefined) return error === null ? <Skeleton h={200} /> : <Fault error={error} />;
  const items = data.pages.flatMap(({ items = [] }) => items);
  if (items.length === 0) {
    return (
      <Text>
        No item was found yet. Without rules every page is one; with rules, those that say what to extract.
      </Text>
    );
  }
  const wanted = text.toLowerCase();
  const shown = items.filter(({ data = '', url = '' }) => `${data} ${url}`.toLowerCase().includes(wanted));
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Group gap="sm">
          <TextInput
            type="search"
            aria-label="Filter the items shown"
            placeholder="Filter what is shown …"
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          <Text size="sm" role="status">
            {text === ''
              ? several(items.length, 'item')
              : `${shown.length} of ${several(items.length, 'item')}`}
            {query.hasNextPage ? ' so far' : ''}
          </Text>
        </Group>
        <Download name={name} />
      </Group>
      <ItemTable label="Items" items={shown} />
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
