import { Alert, Text } from '@mantine/core';
import { useExplanation } from '../api/tasks';

/** One sentence on what it does or waits for, and what would change that. */
export function Why({ name }: { name: string }) {
  const { data } = useExplanation(name);
  if (data === undefined) return null;
  const { state, reason, remedy = '' } = data;
  return (
    <Alert color={state === 'failed' ? 'red' : 'gray'} title={reason}>
      {remedy !== '' && <Text size="sm">{remedy}</Text>}
    </Alert>
  );
}
