import { Skeleton, Stack } from '@mantine/core';
import { useCluster } from '../api/cluster';
import { usePageTitle } from '../shell/page-title';
import { Etcd } from './etcd';
import { Events } from './events';
import { Leadership } from './leadership';
import { Masters } from './masters';
import { NoLeader } from './no-leader';
import { States } from './states';
import { Workers } from './workers';

export function ClusterPage() {
  usePageTitle('Cluster');
  const cluster = useCluster();
  return (
    <Stack gap="lg">
      {cluster === undefined ? (
        <Skeleton h={300} />
      ) : (
        <>
          <NoLeader cluster={cluster} />
          <Leadership cluster={cluster} />
          <States counts={cluster.counts ?? []} />
          <Masters masters={cluster.masters ?? []} />
          <Workers nodes={cluster.nodes ?? []} />
          <Etcd etcd={cluster.etcd} />
        </>
      )}
      <Events />
    </Stack>
  );
}
