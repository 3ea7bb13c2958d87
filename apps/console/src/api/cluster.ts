import { useMutation } from '@tanstack/react-query';
import { useLatest } from '../live/use-feed';
import { answered, api, type ClusterStatus, faultOf } from './client';

/** The whole cluster, as it is now. */
export function useCluster(): ClusterStatus | undefined {
  return useLatest<ClusterStatus>('/crawler/cluster/watch').data;
}

export function useDrain() {
  return useMutation({
    mutationFn: ({ id, drain }: { id: string; drain: boolean }) => {
      const call = { params: { path: { id } } };
      return drain
        ? answered(api.POST('/crawler/node/{id}/drain', call))
        : answered(api.DELETE('/crawler/node/{id}/drain', call));
    },
  });
}

export interface ProfileRequest {
  nodeId: string;
  kind: 'cpu' | 'heap';
  seconds: number;
}

/** The profile as a file, when it is taken. */
export function useProfile() {
  return useMutation({
    mutationFn: async ({ nodeId, kind, seconds }: ProfileRequest): Promise<File> => {
      const response = await fetch(
        `/crawler/node/${encodeURIComponent(nodeId)}/profile?kind=${kind}&seconds=${seconds}`,
      );
      if (!response.ok) throw await faultOf(response);
      const name = /filename="?([^";]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      return new File([await response.blob()], name ?? `${nodeId}-${kind}.pb.gz`);
    },
  });
}
