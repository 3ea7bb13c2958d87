import { Alert, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api } from '../../api/client';
import { specOf } from './spec-text';
import { Tried } from './tried';

/** What the spec finds on one page, before it is added: a worker fetches it as the task would, and keeps nothing. */
export function Trial({ text }: { text: string }) {
  const [url, setUrl] = useState('');
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: async () => answered(api.POST('/crawler/try', { body: { spec: specOf(text), url } })),
  });
  return (
    <Paper withBorder p="sm" component="section" aria-labelledby="trial">
      <Stack gap="sm">
        <div>
          <Title order={3} size="h6" id="trial">
            Try on one page
          </Title>
          <Text size="xs">
            A worker fetches it as the task would, politely, and reads it. Nothing is stored or changed.
          </Text>
        </div>
        <Group
          component="form"
          align="flex-end"
          wrap="nowrap"
          {...{
            onSubmit: (event: React.FormEvent) => {
              event.preventDefault();
              mutate();
            },
          }}
        >
          <TextInput
            flex={1}
            type="url"
            label="Page"
            placeholder="The first seed"
            value={url}
            onChange={({ currentTarget }) => setUrl(currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={isPending}>
            Try
          </Button>
        </Group>
        {error !== null && (
          <Alert color="red" role="alert" title="Not tried" style={{ whiteSpace: 'pre-wrap' }}>
            {error instanceof TypeError ? 'No master answers.' : error.message}
          </Alert>
        )}
        {data !== undefined && error === null && <Tried page={data} />}
      </Stack>
    </Paper>
  );
}
