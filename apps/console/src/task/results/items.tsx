import { Button, Group, Loader, Menu, Skeleton, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { Resource } from '../../api/client';
import { useItems } from '../../api/task';
import { ItemTable } from '../../items/item-table';
import { Fault } from '../../shell/fault';
import { More } from '../../shell/more';
import { count, several } from '../../shell/words';

const FORMATS = [
  ['csv', 'CSV'],
  ['jsonl', 'JSON lines'],
  ['json', 'JSON'],
  ['parquet', 'Parquet'],
] as const;

/** What the task has found, or what of it contains a text: that is looked for where the items are. */
export function Items({ name, resource }: { name: string; resource: Resource }) {
  const [contains, setContains] = useState('');
  const query = useItems(name, contains, resource);
  const { data, error } = query;
  const pages = data?.pages ?? [];
  const items = pages.flatMap(({ items = [] }) => items);
  if (contains === '' && items.length === 0) {
    if (data === undefined) return error === null ? <Skeleton h={200} /> : <Fault error={error} />;
    return (
      <Text>
        No item was found yet. Without rules every page is one; with rules, those that say what to extract.
      </Text>
    );
  }
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Group gap="sm">
          <Search onChange={setContains} isUnderWay={query.isPlaceholderData} />
          <Text size="sm" role="status">
            {query.isPlaceholderData
              ? 'Searching …'
              : data && outcome(contains, items.length, pages, query.hasNextPage)}
          </Text>
        </Group>
        <Download name={name} contains={contains} />
      </Group>
      {data === undefined && error !== null && <Fault error={error} />}
      {items.length > 0 && <ItemTable label="Items" items={items} />}
      <More query={query} label={contains === '' ? 'More' : 'Search on'} />
    </>
  );
}

function outcome(
  contains: string,
  found: number,
  pages: readonly { searched?: string }[],
  goesOn: boolean,
): string {
  if (contains === '') return `${several(found, 'item')}${goesOn ? ' so far' : ''}`;
  const searched = pages.reduce((sum, page) => sum + Number(page.searched ?? 0), 0);
  return `${count(found)} of ${goesOn ? 'the first ' : ''}${several(searched, 'item')}`;
}

function Search({ onChange, isUnderWay }: { onChange: (text: string) => void; isUnderWay: boolean }) {
  const [text, setText] = useState('');
  const ask = useDebouncedCallback(onChange, 250);
  return (
    <TextInput
      type="search"
      aria-label="Search the items"
      placeholder="Search the items …"
      rightSection={isUnderWay ? <Loader size="xs" /> : null}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        ask(currentTarget.value);
      }}
    />
  );
}

function Download({ name, contains }: { name: string; contains: string }) {
  const path = `/crawler/resource/${encodeURIComponent(name)}/items`;
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default">{contains === '' ? 'Download all' : 'Download what contains it'}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, label]) => (
          <Menu.Item
            key={format}
            component="a"
            href={`${path}?${new URLSearchParams({ format, ...(contains !== '' && { contains }) })}`}
            download
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
