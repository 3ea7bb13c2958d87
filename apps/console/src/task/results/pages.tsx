import { Anchor, Skeleton, Table, Text } from '@mantine/core';
import type { Page, Resource } from '../../api/client';
import { usePages } from '../../api/task';
import { Fault } from '../../shell/fault';
import { More } from '../../shell/more';
import { ago, bytes } from '../../shell/words';

interface PagesProps {
  name: string;
  resource: Resource;
  failed: boolean;
}

/** What was fetched; or what failed, with its reasons. */
export function Pages({ name, resource, failed }: PagesProps) {
  const query = usePages(name, failed, resource);
  const { data, error } = query;
  if (data === undefined) return error === null ? <Skeleton h={200} /> : <Fault error={error} />;
  const pages = data.pages.flatMap(({ pages = [] }) => pages);
  if (pages.length === 0) return <Text>{failed ? 'No page has failed.' : 'No page was fetched yet.'}</Text>;
  return (
    <>
      <Table.ScrollContainer
        minWidth={720}
        tabIndex={0}
        role="region"
        aria-label={failed ? 'Failures' : 'Pages'}
      >
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>URL</Table.Th>
              <Table.Th>{failed ? 'Reason' : 'Title'}</Table.Th>
              <Table.Th>Rule</Table.Th>
              <Table.Th ta="right">Status</Table.Th>
              <Table.Th ta="right">{failed ? 'Attempts' : 'Size'}</Table.Th>
              <Table.Th>{failed ? 'Last tried' : 'Fetched'}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {pages.map((page) => (
              <Row key={page.url} page={page} failed={failed} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <More query={query} />
    </>
  );
}

function Row({ page, failed }: { page: Page; failed: boolean }) {
  const { url, rule, status = 0, bytes: size, fetchedAt, title, error = '', attempts } = page;
  return (
    <Table.Tr>
      <Table.Td maw={360} style={{ overflowWrap: 'anywhere' }}>
        <Anchor href={url} target="_blank" rel="noreferrer" size="sm">
          {url}
        </Anchor>
      </Table.Td>
      <Table.Td>{error === '' ? title : error}</Table.Td>
      <Table.Td>{rule}</Table.Td>
      <Table.Td ta="right">{status === 0 ? '–' : status}</Table.Td>
      <Table.Td ta="right">{failed ? attempts : bytes(size)}</Table.Td>
      <Table.Td>{ago(fetchedAt)}</Table.Td>
    </Table.Tr>
  );
}
