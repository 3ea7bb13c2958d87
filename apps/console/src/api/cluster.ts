import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api } from './client';

export function useMasters() {
  return useQuery({ queryKey: ['masters'], queryFn: () => answered(api.GET('/crawler/master')) });
}

export function useNodes() {
  return useQuery({ queryKey: ['nodes'], queryFn: () => answered(api.GET('/crawler/node')) });
}

export function useDrain() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, drain }: { id: string; drain: boolean }) => {
      const call = { params: { path: { id } } };
      return drain
        ? answered(api.POST('/crawler/node/{id}/drain', call))
        : answered(api.DELETE('/crawler/node/{id}/drain', call));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['nodes'] }),
  });
}
