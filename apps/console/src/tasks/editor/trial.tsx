import { Alert, Button, Group, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { answered, api } from '../../api/client';
import { carriedOf, rulesOf, specOf } from './spec-text';
import { Tried } from './tried';

/** What the spec finds on one page, before it is added: a worker fetches it as the task would, and keeps nothing. */
export function Trial({ text }: { text: string }) {
  const [url, setUrl] = useState('');
  const [chosen, setRule] = useState('');
  const [carried, setCarried] = useState('');
  const rules = useMemo(() => rulesOf(text), [text]);
  const rule = rules.includes(chosen) ? chosen : '';
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: async () => {
      const carry = carried === '' ? '' : carriedOf(carried);
      return answered(api.POST('/crawler/try', { body: { spec: specOf(text), url, rule, carry } }));
    },
  });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    mutate();
  };
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
        <form onSubmit={submit}>
          <Stack gap="xs">
            {rules.length > 1 && (
              <Group grow align="flex-end">
                <Select
                  label="Read by the rule"
                  placeholder="Where the task begins"
                  clearable
                  data={rules}
                  value={rule === '' ? null : rule}
                  onChange={(name) => setRule(name ?? '')}
                />
                <TextInput
                  label="With the values carried"
                  placeholder="{ tag: Novels }"
                  value={carried}
                  onChange={({ currentTarget }) => setCarried(currentTarget.value)}
                />
              </Group>
            )}
            <Group align="flex-end" wrap="nowrap">
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
          </Stack>
        </form>
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
