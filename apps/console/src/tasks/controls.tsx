import { Button, Group, Loader, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { several } from '../shell/words';
import { useActs, type Act, type Acted, type ActResult } from './acts';
import { DeleteButton, RestartButton } from './confirmed-acts';

interface ControlsProps {
  tasks: readonly Acted[];
  /** Of one task, where it is known: only what can be done is offered then. */
  isPaused?: boolean;
  failedCount?: number;
  onDeleted?: () => void;
}

/** What a person can do with tasks; each says what it will do, and asks first when something would be lost. */
export function Controls({ tasks, isPaused, failedCount, onDeleted }: ControlsProps) {
  const { mutate, isPending } = useActs();
  const them = tasks.length === 1 ? 'It' : 'They';
  const s = tasks.length === 1 ? 's' : '';
  const act = (act: Act, done: string): void =>
    mutate(
      { act, tasks },
      {
        onSuccess: (result) => {
          tell(result, done);
          if (act.verb === 'delete' && result.failures.length === 0) onDeleted?.();
        },
      },
    );
  return (
    <Group gap="xs">
      {isPending && tasks.length > 1 && <Loader size="xs" aria-label="Being done" />}
      {isPaused !== true && (
        <Tooltip label={`${them} stop${s} where ${them.toLowerCase()} stand${s}; nothing is lost`}>
          <Button
            variant="default"
            disabled={isPending}
            onClick={() => act({ verb: 'pause' }, `${them} stop${s}; nothing is lost.`)}
          >
            Pause
          </Button>
        </Tooltip>
      )}
      {isPaused !== false && (
        <Tooltip label={`${them} go${s === '' ? '' : 'es'} on where ${them.toLowerCase()} stood`}>
          <Button
            variant="default"
            disabled={isPending}
            onClick={() => act({ verb: 'resume' }, `${them} go${s === '' ? '' : 'es'} on.`)}
          >
            Resume
          </Button>
        </Tooltip>
      )}
      <RestartButton
        count={tasks.length}
        disabled={isPending}
        onRestart={(fromScratch) => act({ verb: 'restart', fromScratch }, 'A new run begins.')}
      />
      <Tooltip
        label={
          failedCount === undefined
            ? 'Pages that failed are asked for again, in the present run'
            : `${several(failedCount, 'failed page')} will be asked for again, in the present run`
        }
      >
        <Button
          variant="default"
          disabled={isPending || failedCount === 0}
          onClick={() => act({ verb: 'retry' }, 'Failed pages are asked for again.')}
        >
          Retry failures
        </Button>
      </Tooltip>
      <DeleteButton
        names={tasks.map(({ name }) => name)}
        disabled={isPending}
        onDelete={() => act({ verb: 'delete' }, `${several(tasks.length, 'task')} deleted.`)}
      />
    </Group>
  );
}

function tell({ doneCount, failures }: ActResult, done: string): void {
  const [first] = failures;
  if (first === undefined) {
    notifications.show({ message: done });
    return;
  }
  notifications.show({
    color: 'red',
    title: doneCount === 0 ? 'Not done' : `Done for ${doneCount}, not for ${failures.length}`,
    message: `${first.name}: ${first.reason}`,
  });
}
