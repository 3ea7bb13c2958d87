import { Chip, Group, ScrollArea, Text, Timeline } from '@mantine/core';
import { useState } from 'react';
import type { ClusterEvent } from '../api/client';
import { useEvents } from '../api/events';
import { Section } from '../shell/section';

/** By what their kinds begin with. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Elections: ['leader'],
  Masters: ['master'],
  Workers: ['worker'],
  Drains: ['drain'],
  Moves: ['resources'],
  Tasks: ['resource', 'run', 'started', 'failures'],
};

/** In the page at once. */
const SHOWN = 100;

export function Events() {
  const events = useEvents() ?? [];
  const [groups, setGroups] = useState<string[]>([]);
  const begins = groups.flatMap((group) => GROUPS[group] ?? []);
  const wanted =
    groups.length === 0
      ? events
      : events.filter(({ kind = '' }) => begins.includes(kind.split(' ')[0] ?? ''));
  return (
    <Section
      id="events"
      title="What happened"
      aside={
        <Chip.Group multiple value={groups} onChange={setGroups}>
          <Group gap={4} role="group" aria-label="Only these">
            {Object.keys(GROUPS).map((group) => (
              <Chip key={group} value={group} size="xs" variant="outline">
                {group}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      }
    >
      {wanted.length === 0 ? (
        <Text size="sm">
          {events.length === 0
            ? 'Nothing that this master has seen since it was started.'
            : 'Nothing of this kind. Without a choice everything is shown.'}
        </Text>
      ) : (
        <ScrollArea.Autosize mah={360} viewportProps={{ tabIndex: 0, 'aria-label': 'What happened' }}>
          <Timeline bulletSize={12} lineWidth={2} role="log">
            {wanted.slice(0, SHOWN).map((event) => (
              <Happening key={event.id} event={event} />
            ))}
          </Timeline>
          {wanted.length > SHOWN && (
            <Text size="sm" mt="xs">
              And {wanted.length - SHOWN} before: <code>orbweaver events</code> tells them all.
            </Text>
          )}
        </ScrollArea.Autosize>
      )}
    </Section>
  );
}

function Happening({ event: { at, message, kind = '' } }: { event: ClusterEvent }) {
  const isLoss = / (lost|left|failed)$/.test(kind);
  return (
    <Timeline.Item color={isLoss ? 'red' : undefined}>
      <Text size="sm">{message}</Text>
      {at !== undefined && (
        <Text size="xs" component="time" dateTime={at}>
          {new Date(at).toLocaleString()}
        </Text>
      )}
    </Timeline.Item>
  );
}
