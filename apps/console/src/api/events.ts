import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ClusterEvent } from './client';

const MAX_EVENTS = 200;

/**
 * What happened to the cluster, newest first, as this page's master saw it; and each event makes what is shown be
 * asked for anew. The browser connects again by itself, and says what it saw last.
 */
export function useEvents(): ClusterEvent[] {
  const queries = useQueryClient();
  const [events, setEvents] = useState<ClusterEvent[]>([]);
  useEffect(() => {
    const source = new EventSource('/crawler/event');
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as ClusterEvent;
      setEvents((before) => [event, ...before.filter(({ id }) => id !== event.id)].slice(0, MAX_EVENTS));
      void queries.invalidateQueries({ queryKey: ['nodes'] });
      void queries.invalidateQueries({ queryKey: ['masters'] });
    });
    return () => source.close();
  }, [queries]);
  return events;
}
