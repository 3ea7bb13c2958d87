import { Anchor, Table, Text } from '@mantine/core';
import type { Item } from '../api/client';
import { ago } from '../shell/words';

interface ItemTableProps {
  label: string;
  items: readonly Item[];
}

/** Columns are the keys of the items, in the order of their first appearance. */
export function ItemTable({ label, items }: ItemTableProps) {
  const rows = items.map(({ data = '{}', ...item }) => ({
    ...item,
    values: JSON.parse(data) as Record<string, unknown>,
  }));
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const isStored = items.some(({ url }) => url !== undefined);
  return (
    <Table.ScrollContainer minWidth={640} tabIndex={0} role="region" aria-label={label}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
            {isStored && (
              <>
                <Table.Th>From</Table.Th>
                <Table.Th>Fetched</Table.Th>
              </>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ url = '', position, fetchedAt, traceId = '', values }) => (
            <Table.Tr key={`${url} ${position}`}>
              {columns.map((column) => (
                <Table.Td key={column} maw={320}>
                  <Text size="sm" lineClamp={2}>
                    {shownValue(values[column])}
                  </Text>
                </Table.Td>
              ))}
              {isStored && (
                <>
                  <Table.Td maw={240}>
                    <Anchor href={url} target="_blank" rel="noreferrer" size="sm" truncate display="block">
                      {url}
                    </Anchor>
                  </Table.Td>
                  <Table.Td title={traceId === '' ? undefined : `trace ${traceId}`}>
                    {ago(fetchedAt)}
                  </Table.Td>
                </>
              )}
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
