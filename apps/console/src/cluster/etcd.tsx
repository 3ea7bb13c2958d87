import { Alert, Badge, Group, Table, Text } from '@mantine/core';
import type { EtcdHealth, EtcdMember } from '../api/client';
import { Section } from '../shell/section';
import { bytes, duration } from '../shell/words';

export function Etcd({ etcd }: { etcd: EtcdHealth | undefined }) {
  if (etcd === undefined) return null;
  const { ok = false, reason = '', members = [], alarms = [] } = etcd;
  return (
    <Section
      id="etcd"
      title="etcd"
      aside={
        <Group gap="xs">
          {alarms.map((alarm) => (
            <Badge key={alarm} color="red" variant="dot">
              {alarm}
            </Badge>
          ))}
          <Badge color={ok ? 'teal' : 'red'} variant="dot">
            {ok ? 'healthy' : 'in trouble'}
          </Badge>
        </Group>
      }
    >
      {!ok && (
        <Alert color="red" mb="xs" title={reason === '' ? 'It cannot be read and written' : reason}>
          What runs goes on; nothing new is assigned until it is back.
        </Alert>
      )}
      {members.length > 0 && <MemberTable members={members} />}
    </Section>
  );
}

function MemberTable({ members }: { members: readonly EtcdMember[] }) {
  return (
    <Table.ScrollContainer minWidth={480} tabIndex={0} role="region" aria-label="Members of etcd">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Member</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th ta="right">Database</Table.Th>
            <Table.Th ta="right">Answered in</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map(({ endpoint, leader = false, version, size, tookMs = 0, error = '' }) => (
            <Table.Tr key={endpoint}>
              <Table.Td>
                <Text size="sm" ff="monospace">
                  {endpoint}
                </Text>
              </Table.Td>
              {error === '' ? (
                <>
                  <Table.Td>{leader ? 'leader' : 'follower'}</Table.Td>
                  <Table.Td>{version}</Table.Td>
                  <Table.Td ta="right">{bytes(size)}</Table.Td>
                  <Table.Td ta="right">{duration(tookMs)}</Table.Td>
                </>
              ) : (
                <Table.Td colSpan={4}>
                  <Text size="sm" c="red">
                    {error}
                  </Text>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
