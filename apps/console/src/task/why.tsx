import { Alert, Text } from '@mantine/core';
import type { Resource } from '../api/client';
import { useExplanation } from '../api/task';

/** One sentence on what it does or waits for, and what would change that. */
export function Why({ name, resource }: { name: string; resource: Resource }) {
  const { data } = useExplanation(name, resource);
  if (data === undefined) return null;
  const { state, reason, remedy = '' } = data;
  return (
    <Alert color={state === 'failed' ? 'red' : 'gray'} title={reason} role="status">
      {remedy !== '' && <Text size="sm">{remedy}</Text>}
    </Alert>
  );
}
