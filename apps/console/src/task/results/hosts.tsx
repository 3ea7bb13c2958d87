import { Skeleton, Table, Text } from '@mantine/core';
import type { CrawledHost, Resource } from '../../api/client';
import { useHosts } from '../../api/task';
import { Fault } from '../../shell/fault';
import { clock, count, duration } from '../../shell/words';

/** Which hosts a running task is at, and what each of them makes it wait for. */
export function Hosts({ name, resource }: { name: string; resource: Resource }) {
  const { data, error } = useHosts(name, resource);
  if (data === undefined) return error === null ? <Skeleton h={160} /> : <Fault error={error} />;
  const hosts = data.hosts ?? [];
  if (hosts.length === 0) return <Text>It is at no host: nothing of it runs at present.</Text>;
  return (
    <Table.ScrollContainer minWidth={720} tabIndex={0} role="region" aria-label="Hosts">
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Host</Table.Th>
            <Table.Th>Why it waits</Table.Th>
            <Table.Th ta="right">In hand</Table.Th>
            <Table.Th ta="right">Open</Table.Th>
            <Table.Th ta="right">Delay</Table.Th>
            <Table.Th ta="right">Failures in a row</Table.Th>
            <Table.Th>robots.txt</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hosts.map((host) => (
            <Row key={host.host} host={host} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({
  host: { host, inHand, open, delayMs, concurrency, wait, failures, robots },
}: {
  host: CrawledHost;
}) {
  return (
    <Table.Tr>
      <Table.Td>{host}</Table.Td>
      <Table.Td>
        {wait === undefined ? 'It does not.' : wait.reason}
        {wait?.until !== undefined && (
          <Text size="xs">
            until <time dateTime={wait.until}>{clock(new Date(wait.until))}</time>
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{count(inHand)}</Table.Td>
      <Table.Td ta="right">
        {count(open)} of {count(concurrency)}
      </Table.Td>
      <Table.Td ta="right">{duration(Number(delayMs ?? 0))}</Table.Td>
      <Table.Td ta="right">{count(failures)}</Table.Td>
      <Table.Td>{robots}</Table.Td>
    </Table.Tr>
  );
}
