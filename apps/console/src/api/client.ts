import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

/** The masters' public REST API: the console stands on nothing else. Typed by the API's own document. */
export const api = createClient<paths>({ baseUrl: location.origin });

type Schemas = components['schemas'];
export type ClusterEvent = Schemas['ClusterEvent'];
export type ClusterStatus = Schemas['ClusterStatus'];
export type Control = Schemas['Control'];
export type CrawledHost = Schemas['CrawledHost'];
export type EtcdHealth = Schemas['EtcdHealth'];
export type EtcdMember = Schemas['EtcdMember'];
export type History = Schemas['History'];
export type Item = Schemas['Item'];
export type ListResourcesResponse = Schemas['ListResourcesResponse'];
export type LogLine = Schemas['LogLine'];
export type LogLines = Schemas['LogLines'];
export type Master = Schemas['Master'];
export type Node = Schemas['Node'];
export type Page = Schemas['Page'];
export type Resource = Schemas['Resource'];
export type SpecVersion = Schemas['SpecVersion'];
export type StateCount = Schemas['StateCount'];
export type StatusCount = Schemas['StatusCount'];
export type StoreHealth = Schemas['StoreHealth'];
export type TaskStatus = Schemas['TaskStatus'];
export type TriedPage = Schemas['TriedPage'];

/** What a master said that it could not do, in words for people. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Answer<T> {
  data?: T;
  error?: { message?: string };
  response: Response;
}

/** The answer's body; rejects with an ApiError, or with the TypeError of `fetch` when no master answers. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (data !== undefined) return data;
  throw new ApiError(error?.message ?? `HTTP ${response.status}`, response.status);
}

/** What a response says that went wrong. */
export async function faultOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as { message?: string };
  return new ApiError(body.message ?? `HTTP ${response.status}`, response.status);
}
