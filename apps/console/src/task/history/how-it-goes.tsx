import { Group, SegmentedControl, SimpleGrid, Text } from '@mantine/core';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Resource } from '../../api/client';
import { useHistory } from '../../api/task';
import { Section } from '../../shell/section';
import { Statuses } from './statuses';
import { sampleOf, seriesOf, type Sample } from './series';

const Chart = lazy(() => import('./chart'));

const MAX_POINTS = 240;
/** An hour, at one a second: more than any of the ranges needs beside the history. */
const MAX_SAMPLES = 3_600;
const RANGES = [
  { value: '600000', label: '10 min' },
  { value: '3600000', label: '1 h' },
  { value: '86400000', label: '1 d' },
  { value: 'all', label: 'All' },
];

/** Rate and queue over time, of all runs and as it is now; and what was answered. */
export function HowItGoes({ name, resource }: { name: string; resource: Resource }) {
  const { data } = useHistory(name, resource);
  const samples = useSamples(resource);
  const [range, setRange] = useState('600000');
  if (data === undefined) return null;
  const fromAt = range === 'all' ? 0 : Date.now() - Number(range);
  const steps = seriesOf(data, samples, { fromAt, maxCount: MAX_POINTS });
  const isEmpty = (data.points ?? []).length === 0 && samples.every(({ rate }) => rate === 0);
  if (isEmpty) return null;
  return (
    <Section
      id="how-it-goes"
      title="How it goes"
      aside={<SegmentedControl size="xs" data={RANGES} value={range} onChange={setRange} />}
    >
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <Suspense fallback={<Group h={188} />}>
          {steps.length < 2 ? (
            <Text size="sm">Nothing is known of this time yet.</Text>
          ) : (
            <>
              <Chart title="Pages a second" name="rate" steps={steps} />
              <Chart title="Pages queued" name="queued" steps={steps} />
            </>
          )}
        </Suspense>
        <Statuses statuses={data.statuses ?? []} />
      </SimpleGrid>
    </Section>
  );
}

function useSamples(resource: Resource): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    setSamples((before) => [...before, sampleOf(resource, Date.now())].slice(-MAX_SAMPLES));
  }, [resource]);
  return samples;
}
