import { Badge, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useMasters } from '../api/cluster';
import { age } from '../shell/words';

export function Masters() {
  const { data } = useMasters();
  if (data === undefined) return <Skeleton h={120} />;
  const { masters = [], leader } = data;
  return (
    <section aria-labelledby="masters">
      <Title order={2} size="h5" id="masters" mb="xs">
        Masters
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        {masters.map(({ id, address, leader: leads = false }) => (
          <Card key={id} withBorder padding="sm">
            <Group justify="space-between" wrap="nowrap">
              <Text fw={600} truncate>
                {id}
              </Text>
              <Badge variant="dot" color={leads ? 'teal' : 'gray'}>
                {leads ? 'leader' : 'follower'}
              </Badge>
            </Group>
            <Stack gap={2} mt={4}>
              <Text size="sm" ff="monospace">
                {address}
              </Text>
              {leads && leader !== undefined && (
                <Text size="sm">
                  term {leader.term}, leads for {age(leader.since)}
                </Text>
              )}
            </Stack>
          </Card>
        ))}
      </SimpleGrid>
    </section>
  );
}
