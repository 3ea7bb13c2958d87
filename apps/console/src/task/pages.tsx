import { Anchor, Skeleton, Table, Text } from '@mantine/core';
import type { Page } from '../api/client';
import { usePages } from '../api/tasks';
import { Fault } from '../shell/fault';
import { More } from '../shell/more';
import { ago, count } from '../shell/words';

export function Pages({ name, failed }: { name: string; failed: boolean }) {
  const query = usePages(name, failed);
  const { data, error } = query;
  if (data === undefined) return error === null ? <Skeleton h={200} /> : <Fault error={error} />;
  const pages = data.pages.flatMap(({ pages = [] }) => pages);
  if (pages.length === 0) return <Text>{failed ? 'No page has failed.' : 'No page was fetched yet.'}</Text>;
  return (
    <>
      <Table.ScrollContainer
        minWidth={640}
        tabIndex={0}
        role="region"
        aria-label={failed ? 'Failures' : 'Pages'}
      >
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>URL</Table.Th>
              <Table.Th>Rule</Table.Th>
              <Table.Th ta="right">Status</Table.Th>
              <Table.Th ta="right">Bytes</Table.Th>
              <Table.Th>Fetched</Table.Th>
              <Table.Th>{failed ? 'Reason' : 'Title'}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pages.map((page) => (
              <Row key={page.url} page={page} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <More query={query} />
    </>
  );
}

function Row({ page: { url, rule, status, bytes, fetchedAt, title, error } }: { page: Page }) {
  return (
    <Table.Tr>
      <Table.Td maw={360} style={{ overflowWrap: 'anywhere' }}>
        <Anchor href={url} target="_blank" rel="noreferrer" size="sm">
          {url}
        </Anchor>
      </Table.Td>
      <Table.Td>{rule}</Table.Td>
      <Table.Td ta="right">{status === 0 ? '–' : status}</Table.Td>
      <Table.Td ta="right">{count(bytes)}</Table.Td>
      <Table.Td>{ago(fetchedAt)}</Table.Td>
      <Table.Td>{error === '' ? title : error}</Table.Td>
    </Table.Tr>
  );
}
