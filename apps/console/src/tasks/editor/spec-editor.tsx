import { yaml } from '@codemirror/lang-yaml';
import { EditorState } from '@codemirror/state';
import { useComputedColorScheme } from '@mantine/core';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'react';
import { completeSpec } from './spec-completion';

interface SpecEditorProps {
  /** As it is at first. */
  text: string;
  onChange: (text: string) => void;
  labelledBy: string;
}

export default function SpecEditor({ text, onChange, labelledBy }: SpecEditorProps) {
  const colours = useComputedColorScheme('light');
  const parent = useRef<HTMLDivElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const first = useRef(text);
  useEffect(() => {
    const view = new EditorView({
      doc: first.current,
      parent: parent.current as HTMLDivElement,
      extensions: [
        basicSetup,
        yaml(),
        EditorState.languageData.of(() => [{ autocomplete: completeSpec }]),
        EditorView.theme({}, { dark: colours === 'dark' }),
        EditorView.contentAttributes.of({ 'aria-labelledby': labelledBy }),
        EditorView.theme({
          '&': { border: '1px solid var(--mantine-color-default-border)', maxHeight: '60dvh' },
        }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) latest.current(state.doc.toString());
        }),
      ],
    });
    return () => view.destroy();
  }, [labelledBy, colours]);
  return <div ref={parent} />;
}
