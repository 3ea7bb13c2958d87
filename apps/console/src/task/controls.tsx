import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Resource } from '../api/client';
import { useControls } from '../api/tasks';

/** What a person can do with a task; each asks first when something would be lost. */
export function Controls({ resource: { name = '', control, task } }: { resource: Resource }) {
  const { act, isPending } = useControls(name);
  const isPaused = control?.paused ?? false;
  const failedCount = Number(task?.pagesFailed ?? 0);
  const done = (message: string) => ({
    onSuccess: () => notifications.show({ message }),
    onError: (error: Error) =>
      notifications.show({ color: 'red', title: 'Not done', message: error.message }),
  });
  return (
    <Group gap="xs">
      {isPaused ? (
        <Button
          variant="default"
          disabled={isPending}
          onClick={() => act({ verb: 'resume' }, done('It goes on where it stood.'))}
        >
          Resume
        </Button>
      ) : (
        <Button
          variant="default"
          disabled={isPending}
          onClick={() => act({ verb: 'pause' }, done('It stops where it stands; nothing is lost.'))}
        >
          Pause
        </Button>
      )}
      <Restart
        onRestart={(fromScratch) =>
          act({ verb: 'restart', fromScratch, expected: control }, done('A new run begins.'))
        }
      />
      <Button
        variant="default"
        disabled={isPending || failedCount === 0}
        onClick={() =>
          act({ verb: 'retry', expected: control }, done(`${failedCount} failed pages are tried again.`))
        }
      >
        Retry failures
      </Button>
      <Delete name={name} onDelete={(settled) => act({ verb: 'delete' }, settled)} />
    </Group>
  );
}

function Restart({ onRestart }: { onRestart: (fromScratch: boolean) => void }) {
  const [opened, { open, close }] = useDisclosure();
  const [fromScratch, setFromScratch] = useState(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        Restart
      </Button>
      <Modal opened={opened} onClose={close} title="Begin another run">
        <Stack>
          <Text size="sm">
            Its seeds, and the pages of rules that say so, are fetched again. What is not changed is not
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

interface Settled {
  onSuccess: () => void;
  onError: (error: Error) => void;
}

function Delete({ name, onDelete }: { name: string; onDelete: (settled: Settled) => void }) {
  const [opened, { open, close }] = useDisclosure();
  const [, navigate] = useLocation();
  const remove = (): void =>
    onDelete({
      onSuccess: () => {
        notifications.show({ message: `${name} is deleted.` });
        navigate('/tasks');
      },
      onError: (error) => notifications.show({ color: 'red', title: 'Not deleted', message: error.message }),
    });
  return (
    <>
      <Button variant="default" c="red" onClick={open}>
        Delete
      </Button>
      <Modal opened={opened} onClose={close} title={`Delete ${name}?`}>
        <Stack>
          <Text size="sm">
            Its crawl stops and its spec is forgotten. What it has stored stays in the store until a task of
            the same name takes its place.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button color="red" onClick={remove}>
              Delete
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
