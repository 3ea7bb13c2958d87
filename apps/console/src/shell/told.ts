import { notifications } from '@mantine/notifications';

/** What a mutation tells the person who asked for it. */
export function told<T>(done: string | ((answer: T) => string)): {
  onSuccess: (answer: T) => void;
  onError: (error: Error) => void;
} {
  return {
    onSuccess: (answer) => notifications.show({ message: typeof done === 'string' ? done : done(answer) }),
    onError: tellFailure,
  };
}

export function tellFailure(error: Error): void {
  const message = error instanceof TypeError ? 'No master answers.' : error.message;
  notifications.show({ color: 'red', title: 'Not done', message });
}
