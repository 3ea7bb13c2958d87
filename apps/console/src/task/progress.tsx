import { AreaChart } from '@mantine/charts';
import { SimpleGrid, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { TaskStatus } from '../api/client';

interface Sample {
  time: string;
  rate: number;
  queued: number;
}

/** Five minutes, at a sample every two seconds. */
const MAX_SAMPLES = 150;

/** How it goes, since this page was opened. */
export default function Progress({ task }: { task: TaskStatus | undefined }) {
  const samples = useSamples(task);
  if (task?.state !== 'running' && samples.every(({ rate }) => rate === 0)) return null;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Chart title="Pages a second" name="rate" samples={samples} />
      <Chart title="Pages queued" name="queued" samples={samples} />
    </SimpleGrid>
  );
}

function Chart({ title, name, samples }: { title: string; name: 'rate' | 'queued'; samples: Sample[] }) {
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" mb={4}>
        {title}
      </Text>
      <AreaChart
        h={160}
        data={samples}
        dataKey="time"
        series={[{ name, color: 'teal.6' }]}
        curveType="linear"
        withDots={false}
        tickLine="none"
        gridAxis="x"
      />
    </figure>
  );
}

function useSamples(task: TaskStatus | undefined): Sample[] {
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    if (task === undefined) return;
    const sample: Sample = {
      time: new Date().toLocaleTimeString(),
      rate: task.pagesPerSecond ?? 0,
      queued: Number(task.pagesQueued ?? 0),
    };
    setSamples((before) => [...before, sample].slice(-MAX_SAMPLES));
  }, [task]);
  return samples;
}
