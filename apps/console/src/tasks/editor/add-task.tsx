import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { answered, api } from '../../api/client';
import { SpecForm } from './spec-form';
import type { SpecJson } from './spec-text';

const FIRST = `seeds:
  - https://quotes.toscrape.com/
maxPages: 20
delay: 1s
`;

export default function AddTask({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [, navigate] = useLocation();
  const { mutate, isPending } = useMutation({
    mutationFn: (spec: SpecJson) => answered(api.POST('/crawler/resource', { body: { name, spec } })),
  });
  return (
    <SpecForm
      title="Add a task"
      text={FIRST}
      onExample={(example) => setName(example.name)}
      submitLabel="Add: its crawl begins at once"
      canSubmit={name !== ''}
      isPending={isPending}
      onSubmit={(spec, failed) =>
        mutate(spec, {
          onError: ({ message }) => failed(message),
          onSuccess: () => {
            onClose();
            navigate(`/tasks/${encodeURIComponent(name)}`);
          },
        })
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
    </SpecForm>
  );
}
