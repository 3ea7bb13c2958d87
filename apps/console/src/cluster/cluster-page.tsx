import { Stack } from '@mantine/core';
import { Masters } from './masters';
import { Workers } from './workers';

export function ClusterPage() {
  return (
    <Stack gap="lg">
      <Masters />
      <Workers />
    </Stack>
  );
}
