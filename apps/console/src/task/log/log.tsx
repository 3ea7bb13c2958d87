import { Button, Group, Select, Switch, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { LogLine } from '../../api/client';
import { useLog } from '../../api/task';
import { Fault } from '../../shell/fault';
import { several } from '../../shell/words';
import { LogLines } from './log-lines';

const LEVELS = ['debug', 'info', 'warn', 'error'];
const NONE: readonly LogLine[] = [];

/** What the task says, as it says it. Who scrolls up reads in peace; the end is a key away. */
export function Log({ name }: { name: string }) {
  const { data = NONE, error } = useLog(name);
  const [level, setLevel] = useState('debug');
  const [text, setText] = useState('');
  const [follows, setFollows] = useState(true);
  const shown = useMemo(() => matching(data, level, text), [data, level, text]);
  if (error !== undefined) return <Fault error={error} />;
  return (
    <>
      <Group mb="xs" gap="sm">
        <Select
          aria-label="At least of this level"
          w={120}
          allowDeselect={false}
          data={LEVELS.map((value) => ({ value, label: value === 'debug' ? 'All levels' : `≥ ${value}` }))}
          value={level}
          onChange={(value) => setLevel(value ?? 'debug')}
        />
        <TextInput
          type="search"
          aria-label="Search the log"
          placeholder="Search …"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Switch
          label="Follow"
          checked={follows}
          onChange={({ currentTarget }) => setFollows(currentTarget.checked)}
        />
        <Text size="sm">{several(shown.length, 'line')}</Text>
        {!follows && (
          <Button size="compact-sm" variant="default" onClick={() => setFollows(true)}>
            To the end
          </Button>
        )}
      </Group>
      {data.length === 0 ? (
        <Text>It has said nothing yet.</Text>
      ) : (
        <LogLines lines={shown} follows={follows} onScrolled={setFollows} />
      )}
    </>
  );
}

function matching(lines: readonly LogLine[], level: string, text: string): readonly LogLine[] {
  const least = LEVELS.indexOf(level);
  if (least === 0 && text === '') return lines;
  const wanted = text.toLowerCase();
  return lines.filter(
    ({ level: has = 'info', message = '', fields = '' }) =>
      LEVELS.indexOf(has) >= least && `${message} ${fields}`.toLowerCase().includes(wanted),
  );
}
