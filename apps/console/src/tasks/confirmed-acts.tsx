import { Button, Checkbox, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { several } from '../shell/words';

interface RestartButtonProps {
  count: number;
  disabled: boolean;
  onRestart: (fromScratch: boolean) => void;
}

export function RestartButton({ count, disabled, onRestart }: RestartButtonProps) {
  const [opened, { open, close }] = useDisclosure();
  const [fromScratch, setFromScratch] = useState(false);
  return (
    <>
      <Button variant="default" disabled={disabled} onClick={open}>
        Restart …
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={count === 1 ? 'Begin another run' : `Begin another run of ${several(count, 'task')}`}
      >
        <Stack>
          <Text size="sm">
            The seeds, and the pages of rules that say so, are fetched again. What is not changed is not
            stored twice.
          </Text>
          <Checkbox
            label="From scratch: forget every page and every item of the runs before"
            checked={fromScratch}
            onChange={({ currentTarget }) => setFromScratch(currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              color={fromScratch ? 'red' : undefined}
              onClick={() => {
                onRestart(fromScratch);
                close();
              }}
            >
              {fromScratch ? 'Forget and restart' : 'Restart'}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

interface DeleteButtonProps {
  names: readonly string[];
  disabled: boolean;
  onDelete: () => void;
}

export function DeleteButton({ names, disabled, onDelete }: DeleteButtonProps) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" c="red" disabled={disabled} onClick={open}>
        Delete …
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={names.length === 1 ? `Delete ${names[0]}?` : `Delete ${several(names.length, 'task')}?`}
      >
        <Stack>
          <Text size="sm">
            The crawl stops and the spec is forgotten. What it has stored stays in the store until a task of
            the same name takes its place.
          </Text>
          {names.length > 1 && (
            <List size="sm" mah={200} style={{ overflow: 'auto' }}>
              {names.map((name) => (
                <List.Item key={name}>{name}</List.Item>
              ))}
            </List>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              color="red"
              onClick={() => {
                onDelete();
                close();
              }}
            >
              Delete
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
