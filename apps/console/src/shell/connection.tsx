import { Alert } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLostAt } from '../live/connection';
import { clock } from './words';

/** Says when no master answers: every page below then shows what was known before. */
export function Connection() {
  const lostAt = useLostAt();
  const queries = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (lostAt === undefined && wasLost.current) void queries.invalidateQueries();
    wasLost.current = lostAt !== undefined;
  }, [lostAt, queries]);
  if (lostAt === undefined) return null;
  return (
    <Alert color="red" mb="md" role="alert" title={`No connection to the cluster since ${clock(lostAt)}`}>
      No master answers at {location.host}. This page tries again by itself; what it shows is from before.
      Another master’s address shows the same cluster.
    </Alert>
  );
}
