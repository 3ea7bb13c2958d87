import { Alert, Badge, Button, Code, Skeleton, Table, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Node } from '../api/client';
import { useDrain, useNodes } from '../api/cluster';
import { count } from '../shell/words';

export function Workers() {
  const { data } = useNodes();
  if (data === undefined) return <Skeleton h={160} />;
  const nodes = data.nodes ?? [];
  return (
    <section aria-labelledby="workers">
      <Title order={2} size="h5" id="workers" mb="xs">
        Workers
      </Title>
      {nodes.length === 0 ? <NoWorker /> : <WorkerTable nodes={nodes} />}
    </section>
  );
}

function WorkerTable({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Table.ScrollContainer minWidth={640} tabIndex={0} role="region" aria-label="Workers">
      <Table highlightOnHover verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Worker</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th ta="right">Tasks</Table.Th>
            <Table.Th ta="right">Running</Table.Th>
            <Table.Th ta="right">Pages</Table.Th>
            <Table.Th ta="right">Drain</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {nodes.map((node) => (
            <Table.Tr key={node.id}>
              <Table.Td>
                {node.id}
                <Text size="xs" ff="monospace">
                  {node.address}
                </Text>
              </Table.Td>
              <Table.Td>
                <NodeState node={node} />
              </Table.Td>
              <Table.Td ta="right">{count(node.load)}</Table.Td>
              <Table.Td ta="right">{count(node.running)}</Table.Td>
              <Table.Td ta="right">{count(node.pages)}</Table.Td>
              <Table.Td ta="right">
                <DrainButton node={node} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
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

function DrainButton({ node: { id = '', draining = false, load = 0 } }: { node: Node }) {
  const { mutate, isPending } = useDrain();
  const act = (): void =>
    mutate(
      { id, drain: !draining },
      {
        onError: (error) => notifications.show({ color: 'red', title: 'Not done', message: error.message }),
        onSuccess: () =>
          notifications.show({
            title: draining ? 'Takes tasks again' : 'Draining',
            message: draining ? id : `${id} gets nothing new and hands over its ${load} tasks`,
          }),
      },
    );
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={isPending}
      onClick={act}
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
