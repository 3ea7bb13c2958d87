import { Alert } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useMasters } from '../api/cluster';
import { ApiError } from '../api/client';
import { since } from './words';

/** Says when no master answers, or when nobody leads: every page below then shows what was known before. */
export function Connection() {
  const { error, isError, data } = useMasters();
  const lostAt = useLostAt(isError);
  if (isError) {
    const why = error instanceof ApiError ? error.message : 'no answer';
    return (
      <Alert color="red" mb="md" role="alert" title={`No connection to the cluster since ${since(lostAt)}`}>
        The master at {location.host} cannot be reached ({why}). This page tries again by itself; what it
        shows is from before. Another master’s address shows the same cluster.
      </Alert>
    );
  }
  if (data !== undefined && (data.leader?.value ?? '') === '') {
    return (
      <Alert color="yellow" mb="md" role="alert" title="No master leads at present">
        An election is under way; it takes a few seconds at most. What runs goes on, changes wait until it is
        over. If this stays, etcd cannot be reached by a majority of the masters.
      </Alert>
    );
  }
  return null;
}

function useLostAt(isLost: boolean): Date {
  const [lostAt, setLostAt] = useState(() => new Date());
  useEffect(() => {
    if (isLost) setLostAt(new Date());
  }, [isLost]);
  return lostAt;
}
