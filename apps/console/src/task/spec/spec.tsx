import { Button, Code, Group, Select, Skeleton, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { SpecVersion } from '../../api/client';
import { useSpecs } from '../../api/task';
import { yamlOf } from '../../tasks/editor/spec-text';
import { Difference } from './difference';
import { EditSpec } from './edit-spec';

/** What it crawls, and what it crawled before. */
export default function Spec({ name, spec }: { name: string; spec: unknown }) {
  const { data: versions } = useSpecs(name, spec);
  const [editing, setEditing] = useState<string>();
  const [opened, { open, close }] = useDisclosure();
  const [revision, setRevision] = useState<string | null>(null);
  const present = spec === undefined || spec === '' ? '' : yamlOf(spec);
  const version = versions?.find((one) => one.revision === revision);
  const edit = (text: string): void => {
    setEditing(text);
    open();
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-end">
        {versions === undefined ? (
          <Skeleton h={36} w={240} />
        ) : (
          <Versions {...{ versions, revision, setRevision }} />
        )}
        <Group gap="xs">
          {version === undefined ? (
            <Button variant="default" onClick={() => edit(present === '' ? 'seeds: https://\n' : present)}>
              Change …
            </Button>
          ) : (
            <Button variant="default" onClick={() => edit(textOf(version))} disabled={textOf(version) === ''}>
              Use again …
            </Button>
          )}
        </Group>
      </Group>
      {version !== undefined ? (
        <Difference before={textOf(version)} after={present} />
      ) : present === '' ? (
        <Text>It was added by name alone: its worker knows what to crawl.</Text>
      ) : (
        <Code block>{present}</Code>
      )}
      {opened && editing !== undefined && <EditSpec name={name} text={editing} onClose={close} />}
    </Stack>
  );
}

interface VersionsProps {
  versions: readonly SpecVersion[];
  revision: string | null;
  setRevision: (revision: string | null) => void;
}

function Versions({ versions, revision, setRevision }: VersionsProps) {
  if (versions.length === 0) return <Text size="sm">It has crawled nothing else so far.</Text>;
  return (
    <Select
      label="Compare with what it crawled before"
      placeholder="The present one alone"
      clearable
      data={versions.map(({ revision: id = '', replacedAt }) => ({
        value: id,
        label: `until ${replacedAt === undefined ? 'an unknown time' : new Date(replacedAt).toLocaleString()}`,
      }))}
      value={revision}
      onChange={setRevision}
    />
  );
}

function textOf({ spec = '' }: SpecVersion): string {
  return spec === '' ? '' : yamlOf(spec);
}
