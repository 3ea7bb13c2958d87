import { Alert } from '@mantine/core';
import type { ClusterStatus } from '../api/client';

/** Says so while nobody leads. */
export function NoLeader({ cluster }: { cluster: ClusterStatus | undefined }) {
  if (cluster === undefined || (cluster.leader?.value ?? '') !== '') return null;
  return (
    <Alert color="yellow" role="alert" title="No master leads at present">
      An election is under way; it takes a few seconds at most. What runs goes on, changes wait until it is
      over. If this stays, etcd cannot be reached by a majority of the masters.
    </Alert>
  );
}
