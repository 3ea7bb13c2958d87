import { ScrollArea, Text, Timeline, Title } from '@mantine/core';
import { useEvents } from '../api/events';

export function Events() {
  const events = useEvents();
  return (
    <section aria-labelledby="events">
      <Title order={2} size="h5" id="events" mb="xs">
        What happened
      </Title>
      {events.length === 0 ? (
        <Text size="sm">Nothing since this master was started.</Text>
      ) : (
        <ScrollArea.Autosize mah={360} viewportProps={{ tabIndex: 0, 'aria-label': 'What happened' }}>
          <Timeline bulletSize={12} lineWidth={2} role="log">
            {events.map(({ id, at, message, kind }) => (
              <Timeline.Item
                key={id}
                color={kind?.endsWith('lost') || kind?.endsWith('left') ? 'red' : undefined}
              >
                <Text size="sm">{message}</Text>
                {at !== undefined && (
                  <Text size="xs" component="time" dateTime={at}>
                    {new Date(at).toLocaleString()}
                  </Text>
                )}
              </Timeline.Item>
            ))}
          </Timeline>
        </ScrollArea.Autosize>
      )}
    </section>
  );
}
