import { Chip, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useRef, useState } from 'react';
import type { Node, StateCount } from '../api/client';
import { count, nodeName } from '../shell/words';
import type { Filter } from './filter';
import { nameOf, STATES } from './states';

interface FilterBarProps {
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
  counts: readonly StateCount[];
  nodes: readonly Node[];
}

export function FilterBar({ filter, onChange, counts, nodes }: FilterBarProps) {
  return (
    <>
      <Group grow preventGrowOverflow={false} wrap="wrap">
        <Search query={filter.query} onChange={(query) => onChange({ query })} />
        <Select
          aria-label="Worker"
          placeholder="On any worker"
          clearable
          searchable
          data={nodes.map(({ id = '' }) => ({ value: id, label: nodeName(id) }))}
          value={filter.nodeId === '' ? null : filter.nodeId}
          onChange={(id) => onChange({ nodeId: id ?? '' })}
        />
      </Group>
      <StateChips states={filter.states} counts={counts} onChange={(states) => onChange({ states })} />
    </>
  );
}

function Search({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(query);
  const ask = useDebouncedCallback(onChange, 150);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label="Search names"
      aria-keyshortcuts="/"
      placeholder="Search names …  ( / )"
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        ask(currentTarget.value);
      }}
    />
  );
}

interface StateChipsProps {
  states: readonly string[];
  counts: readonly StateCount[];
  onChange: (states: string[]) => void;
}

function StateChips({ states, counts, onChange }: StateChipsProps) {
  const byState = new Map(counts.map(({ state, count: number = 0 }) => [nameOf(state), number]));
  return (
    <Chip.Group multiple value={[...states]} onChange={onChange}>
      <Group gap={6} role="group" aria-label="Only in these states">
        {STATES.map((state) => (
          <Chip key={state} value={state} size="xs" variant="outline">
            {state} {count(byState.get(state))}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}
