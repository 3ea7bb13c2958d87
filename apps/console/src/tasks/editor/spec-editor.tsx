import { yaml } from '@codemirror/lang-yaml';
import { EditorState } from '@codemirror/state';
import { oneDark } from '@codemirror/theme-one-dark';
import { useComputedColorScheme } from '@mantine/core';
import { basicSetup, EditorView } from 'codemirror';
import { useEffect, useRef } from 'react';
import { completeSpec } from './spec-completion';

interface SpecEditorProps {
  /** Another one takes the place of what was typed. */
  text: string;
  onChange: (text: string) => void;
  labelledBy: string;
}

/** On the theme's own ground its red is too faint to be read by all. */
const DARKER = EditorView.theme({ '&, .cm-gutters': { backgroundColor: '#1b1e24' } }, { dark: true });

export function SpecEditor({ text, onChange, labelledBy }: SpecEditorProps) {
  const colours = useComputedColorScheme('light');
  const parent = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const latest = useRef({ text, onChange });
  latest.current = { text, onChange };
  useEffect(() => {
    const view = new EditorView({
      doc: latest.current.text,
      parent: parent.current as HTMLDivElement,
      extensions: [
        basicSetup,
        yaml(),
        EditorState.languageData.of(() => [{ autocomplete: completeSpec }]),
        ...(colours === 'dark' ? [DARKER, oneDark] : []),
        EditorView.contentAttributes.of({ 'aria-labelledby': labelledBy }),
        EditorView.theme({
          '&': { border: '1px solid var(--mantine-color-default-border)', maxHeight: '50dvh' },
        }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) latest.current.onChange(state.doc.toString());
        }),
      ],
    });
    editor.current = view;
    return () => view.destroy();
  }, [labelledBy, colours]);
  useEffect(() => {
    const view = editor.current;
    if (view === undefined || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  return <div ref={parent} />;
}
