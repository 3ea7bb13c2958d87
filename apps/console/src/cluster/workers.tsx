import { Alert, Badge, Button, Code, Group, Table, Text, Tooltip } from '@mantine/core';
import { TextLink } from '../shell/text-link';
import type { Node, StoreHealth } from '../api/client';
import { useDrain } from '../api/cluster';
import { Section } from '../shell/section';
import { told } from '../shell/told';
import { age, bytes, count, duration, nodeName, rate, several } from '../shell/words';
import { ProfileMenu } from './profile-menu';

export function Workers({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Section id="workers" title="Workers">
      {nodes.length === 0 ? <NoWorker /> : <WorkerTable nodes={nodes} />}
    </Section>
  );
}

function WorkerTable({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Table.ScrollContainer minWidth={960} tabIndex={0} role="region" aria-label="Workers">
      <Table highlightOnHover verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Worker</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Tasks</Table.Th>
            <Table.Th ta="right">Running</Table.Th>
            <Table.Th ta="right">Pages</Table.Th>
            <Table.Th ta="right">Pages/s</Table.Th>
            <Table.Th ta="right">Memory</Table.Th>
            <Table.Th>Store</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {nodes.map((node) => (
            <WorkerRow key={node.id} node={node} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function WorkerRow({ node }: { node: Node }) {
  const { id = '', address, load, running, pages, pagesPerSecond, memory, store, version, startedAt } = node;
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink href={`/tasks?nodeId=${encodeURIComponent(id)}`}>{nodeName(id)}</TextLink>
        <Text size="xs" ff="monospace">
          {address}
        </Text>
      </Table.Td>
      <Table.Td>
        <NodeState node={node} />
      </Table.Td>
      <Table.Td ta="right">{count(load)}</Table.Td>
      <Table.Td ta="right">{count(running)}</Table.Td>
      <Table.Td ta="right">{count(pages)}</Table.Td>
      <Table.Td ta="right">{rate(pagesPerSecond)}</Table.Td>
      <Table.Td ta="right">{bytes(memory)}</Table.Td>
      <Table.Td>
        <Store store={store} />
      </Table.Td>
      <Table.Td>
        {version}
        <Text size="xs">{startedAt === undefined ? '' : `up for ${age(startedAt)}`}</Text>
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <ProfileMenu nodeId={id} />
          <DrainButton node={node} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function NodeState({ node: { draining = false, state = '' } }: { node: Node }) {
  if (draining)
    return (
      <Badge variant="dot" color="yellow">
        draining
      </Badge>
    );
  if (state === '')
    return (
      <Badge variant="dot" color="red">
        no answer
      </Badge>
    );
  return <Badge variant="dot">{state}</Badge>;
}

/** Where its pages are kept, and whether that takes them. */
function Store({ store }: { store: StoreHealth | undefined }) {
  const { kind = '', ok = false, reason = '', commitMs = 0 } = store ?? {};
  if (kind === '') return '–';
  const badge = (
    <Badge variant="dot" color={ok ? 'teal' : 'red'} tabIndex={reason === '' ? undefined : 0}>
      {kind}
    </Badge>
  );
  return (
    <>
      {reason === '' ? (
        badge
      ) : (
        <Tooltip label={reason} multiline maw={320}>
          {badge}
        </Tooltip>
      )}
      {commitMs > 0 && <Text size="xs">commits in {duration(commitMs)}</Text>}
    </>
  );
}

function DrainButton({ node: { id = '', draining = false, load = 0 } }: { node: Node }) {
  const { mutate, isPending } = useDrain();
  const done = draining
    ? `${nodeName(id)} takes tasks again.`
    : `${nodeName(id)} gets nothing new and hands over its ${several(load, 'task')}.`;
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={isPending}
      onClick={() => mutate({ id, drain: !draining }, told(done))}
      aria-label={`${draining ? 'Undrain' : 'Drain'} ${id}`}
    >
      {draining ? 'Undrain' : 'Drain'}
    </Button>
  );
}

function NoWorker() {
  return (
    <Alert color="yellow" title="No worker is registered">
      Tasks wait until there is one. Start one on any machine that reaches etcd:
      <Code block mt="xs">
        orbweaver worker --id 1 --etcd HOST:2379
      </Code>
    </Alert>
  );
}
