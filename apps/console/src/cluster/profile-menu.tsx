import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useProfile, type ProfileRequest } from '../api/cluster';
import { save } from '../shell/save';
import { tellFailure } from '../shell/told';

const KINDS: (Omit<ProfileRequest, 'nodeId'> & { label: string })[] = [
  { kind: 'cpu', seconds: 10, label: 'CPU, 10 seconds' },
  { kind: 'cpu', seconds: 60, label: 'CPU, a minute' },
  { kind: 'heap', seconds: 0, label: 'Heap' },
];

/** What a node spends its time or memory on, as a file for `go tool pprof` and its like. */
export function ProfileMenu({ nodeId }: { nodeId: string }) {
  const { mutate, isPending } = useProfile();
  const take = ({ kind, seconds }: Omit<ProfileRequest, 'nodeId'>): void => {
    if (kind === 'cpu') notifications.show({ message: `${nodeId} is watched for ${seconds} s.` });
    mutate({ nodeId, kind, seconds }, { onSuccess: save, onError: tellFailure });
  };
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" loading={isPending} aria-label={`Profile of ${nodeId}`}>
          Profile
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map(({ label, ...request }) => (
          <Menu.Item key={label} onClick={() => take(request)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
