import { useMutation } from '@tanstack/react-query';
import { answered, api } from '../../api/client';
import { told } from '../../shell/told';
import { SpecForm } from '../../tasks/editor/spec-form';
import type { SpecJson } from '../../tasks/editor/spec-text';

interface EditSpecProps {
  name: string;
  text: string;
  onClose: () => void;
}

export function EditSpec({ name, text, onClose }: EditSpecProps) {
  const { mutate, isPending } = useMutation({
    mutationFn: (spec: SpecJson) =>
      answered(api.PUT('/crawler/resource/{name}/spec', { params: { path: { name } }, body: spec })),
  });
  const { onSuccess } = told(`${name} crawls this from now on.`);
  return (
    <SpecForm
      title={`What ${name} crawls`}
      text={text}
      submitLabel="Replace: its crawl starts over with this"
      canSubmit
      isPending={isPending}
      onSubmit={(spec, failed) =>
        mutate(spec, {
          onError: ({ message }) => failed(message),
          onSuccess: (answer) => {
            onSuccess(answer);
            onClose();
          },
        })
      }
      onClose={onClose}
    />
  );
}
