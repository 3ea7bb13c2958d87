import { Card, SimpleGrid, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { StateCount } from '../api/client';
import { count } from '../shell/words';
import { nameOf, STATES } from '../tasks/states';
import classes from './states.module.css';

/** How many tasks are in which state; each leads to those. */
export function States({ counts }: { counts: readonly StateCount[] }) {
  const byState = new Map(counts.map(({ state, count: number = 0 }) => [nameOf(state), number]));
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }} spacing="xs" component="ul" className={classes.list}>
      {STATES.map((state) => (
        <li key={state}>
          <Card component={Link} href={`/tasks?states=${state}`} withBorder padding="xs">
            <Text size="xs" c="inherit">
              {state}
            </Text>
            <Text fw={600} c="inherit">
              {count(byState.get(state))}
            </Text>
          </Card>
        </li>
      ))}
    </SimpleGrid>
  );
}
