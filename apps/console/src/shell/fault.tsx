import { Alert } from '@mantine/core';
import { ApiError } from '../api/client';

/** Why something cannot be shown. What is lost with the connection is said once, above every page. */
export function Fault({ error }: { error: Error }) {
  const isAnswer = error instanceof ApiError;
  return (
    <Alert color={isAnswer ? 'red' : 'gray'} role="status" title="Cannot be shown at present">
      {isAnswer ? error.message : 'No master answers.'} It is asked for again as soon as something changes.
    </Alert>
  );
}
