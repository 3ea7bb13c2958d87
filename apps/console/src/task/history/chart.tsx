import { AreaChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { count, rate } from '../../shell/words';
import type { Step } from './series';

interface ChartProps {
  title: string;
  name: 'rate' | 'queued';
  steps: readonly Step[];
}

export default function Chart({ title, name, steps }: ChartProps) {
  const format = name === 'rate' ? rate : (value: number) => count(Math.round(value));
  const spanMs = (steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0);
  const timeStyle = spanMs < 600_000 ? 'medium' : 'short';
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" mb={4}>
        {title}
      </Text>
      <AreaChart
        h={160}
        data={[...steps]}
        dataKey="at"
        series={[{ name, label: title, color: 'teal.6' }]}
        curveType="linear"
        withDots={false}
        tickLine="none"
        gridAxis="x"
        valueFormatter={format}
        areaProps={{ isAnimationActive: false }}
        xAxisProps={{
          type: 'number',
          scale: 'time',
          domain: ['dataMin', 'dataMax'],
          tickFormatter: (at: number) => new Date(at).toLocaleTimeString([], { timeStyle }),
        }}
        tooltipProps={{ labelFormatter: (at) => new Date(Number(at)).toLocaleString() }}
      />
    </figure>
  );
}
