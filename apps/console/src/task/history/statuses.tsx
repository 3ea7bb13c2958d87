import { Group, Progress, Stack, Text } from '@mantine/core';
import type { StatusCount } from '../../api/client';
import { count } from '../../shell/words';

/** Every answer since the crawl began, by its HTTP status. */
export function Statuses({ statuses }: { statuses: readonly StatusCount[] }) {
  const largest = Math.max(1, ...statuses.map(({ pages }) => Number(pages ?? 0)));
  const total = statuses.reduce((sum, { pages }) => sum + Number(pages ?? 0), 0);
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" mb={4}>
        Pages by status
      </Text>
      <Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: 'none' }}>
        {statuses.map(({ status = 0, pages }) => (
          <li key={status}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">{status === 0 ? 'no answer' : status}</Text>
              <Text size="sm">
                {count(pages)} ({((100 * Number(pages ?? 0)) / total).toFixed(1)} %)
              </Text>
            </Group>
            <Progress
              aria-hidden
              value={(100 * Number(pages ?? 0)) / largest}
              color={colourOf(status)}
              size="sm"
            />
          </li>
        ))}
      </Stack>
    </figure>
  );
}

function colourOf(status: number): string {
  if (status >= 200 && status < 300) return 'teal';
  if (status >= 300 && status < 400) return 'blue';
  return status >= 400 && status < 500 ? 'yellow' : 'red';
}
