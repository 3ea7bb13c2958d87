import { Alert, Button, Drawer, Group, Stack, Text, TextInput } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { parse } from 'yaml';
import { useLocation } from 'wouter';
import { useAddTask } from '../api/tasks';

const SpecEditor = lazy(() => import('./spec-editor'));

const FIRST = `seeds:
  - https://quotes.toscrape.com/
maxPages: 20
delay: 1s
`;

interface AddTaskProps {
  opened: boolean;
  onClose: () => void;
}

export function AddTask({ opened, onClose }: AddTaskProps) {
  const [name, setName] = useState('');
  const [text, setText] = useState(FIRST);
  const [fault, setFault] = useState('');
  const [, navigate] = useLocation();
  const { mutate, isPending } = useAddTask();
  const add = (): void => {
    let spec: Record<string, never>;
    try {
      spec = parse(text) as Record<string, never>;
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      return;
    }
    mutate(
      { name, spec },
      {
        onError: (error) => setFault(error.message),
        onSuccess: () => {
          onClose();
          navigate(`/tasks/${encodeURIComponent(name)}`);
        },
      },
    );
  };
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title="Add a task">
      <Stack
        component="form"
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          setFault('');
          add();
        }}
      >
        <TextInput
          label="Name"
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
        <div>
          <Text size="sm" fw={500} id="spec-label">
            What to crawl (YAML or JSON)
          </Text>
          <Suspense fallback={<Text size="sm">Loading the editor …</Text>}>
            <SpecEditor text={text} onChange={setText} labelledBy="spec-label" />
          </Suspense>
        </div>
        {fault !== '' && (
          <Alert color="red" role="alert" title="Not added" style={{ whiteSpace: 'pre-wrap' }}>
            {fault}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={name === ''}>
            Add: its crawl begins at once
          </Button>
        </Group>
      </Stack>
    </Drawer>
  );
}
