import { Alert, Button, Drawer, Group, Select, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { EXAMPLES, type Example } from './examples';
import { SpecEditor } from './spec-editor';
import { specOf, type SpecJson } from './spec-text';
import { Trial } from './trial';

interface SpecFormProps {
  title: string;
  /** As it is at first. */
  text: string;
  /** Above the editor. */
  children?: ReactNode;
  onExample?: (example: Example) => void;
  submitLabel: string;
  canSubmit: boolean;
  isPending: boolean;
  onSubmit: (spec: SpecJson, failed: (reason: string) => void) => void;
  onClose: () => void;
}

/** A spec is written, tried on one page, and handed in. What was typed stays when it is wrong. */
export function SpecForm({ text: first, onExample, onSubmit, onClose, ...form }: SpecFormProps) {
  const [text, setText] = useState(first);
  const [fault, setFault] = useState('');
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setFault('');
    try {
      onSubmit(specOf(text), setFault);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={form.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Stack component="form" onSubmit={submit}>
          {form.children}
          {onExample !== undefined && (
            <Examples
              onChoice={(example) => {
                setText(example.text);
                onExample(example);
              }}
            />
          )}
          <div>
            <Text size="sm" fw={500} id="spec-label">
              What to crawl (YAML or JSON; Ctrl-Space shows what is possible)
            </Text>
            <SpecEditor text={text} onChange={setText} labelledBy="spec-label" />
          </div>
          {fault !== '' && (
            <Alert color="red" role="alert" title="Not taken" style={{ whiteSpace: 'pre-wrap' }}>
              {fault}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.isPending} disabled={!form.canSubmit}>
              {form.submitLabel}
            </Button>
          </Group>
        </Stack>
        <Trial text={text} />
      </Stack>
    </Drawer>
  );
}

function Examples({ onChoice }: { onChoice: (example: Example) => void }) {
  return (
    <Select
      label="Begin with an example"
      placeholder="None"
      data={EXAMPLES.map(({ name, about }) => ({ value: name, label: `${name}: ${about}` }))}
      onChange={(name) => {
        const example = EXAMPLES.find((one) => one.name === name);
        if (example !== undefined) onChoice(example);
      }}
    />
  );
}
