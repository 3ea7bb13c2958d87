import { Group, Text } from '@mantine/core';
import type { ClusterStatus } from '../api/client';
import { age } from '../shell/words';

/** Who leads and since when, and why the one before does not any more. */
export function Leadership({ cluster: { leader, lastEnd } }: { cluster: ClusterStatus }) {
  const value = leader?.value ?? '';
  return (
    <Group gap={6}>
      {value !== '' && (
        <Text size="sm">
          <b>{value}</b> leads for {age(leader?.since)}, in term {leader?.term}.
        </Text>
      )}
      {lastEnd !== undefined && (
        <Text size="sm">
          {value === '' ? '' : 'Before it, '}
          {lastEnd.value} led until{' '}
          {lastEnd.at === undefined ? 'an unknown time' : new Date(lastEnd.at).toLocaleString()}
          {(lastEnd.reason ?? '') === '' ? '.' : `: ${lastEnd.reason}`}
        </Text>
      )}
    </Group>
  );
}
