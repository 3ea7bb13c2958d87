import { Badge, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Master } from '../api/client';
import { Section } from '../shell/section';
import { age, bytes, nodeName } from '../shell/words';
import { ProfileMenu } from './profile-menu';

export function Masters({ masters }: { masters: readonly Master[] }) {
  return (
    <Section id="masters" title="Masters">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        {masters.map((master) => (
          <MasterCard key={master.id} master={master} />
        ))}
      </SimpleGrid>
    </Section>
  );
}

function MasterCard({
  master: { id = '', address, leader = false, memory, version, startedAt },
}: MasterProps) {
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} truncate>
          {nodeName(id)}
        </Text>
        <Badge variant="dot" color={leader ? 'teal' : 'gray'} style={{ flexShrink: 0 }}>
          {leader ? 'leader' : 'follower'}
        </Badge>
      </Group>
      <Stack gap={2} mt={4}>
        <Text size="sm" ff="monospace">
          {address}
        </Text>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">
            {version === undefined || version === ''
              ? 'does not answer'
              : `${version}, up for ${age(startedAt)}, ${bytes(memory)}`}
          </Text>
          <ProfileMenu nodeId={id} />
        </Group>
      </Stack>
    </Card>
  );
}

interface MasterProps {
  master: Master;
}
