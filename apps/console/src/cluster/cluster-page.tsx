import { Stack } from '@mantine/core';
import { Events } from './events';
import { Masters } from './masters';
import { Workers } from './workers';

export function ClusterPage() {
  return (
    <Stack gap="lg">
      <Masters />
      <Workers />
      <Events />
    </Stack>
  );
}
