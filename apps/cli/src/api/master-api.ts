import type { cluster, crawler, worker } from '@app/proto';
import { EXIT, type ExitCode, Failure } from '../failure.js';
import { chunksOf } from './chunks.js';
import type { Json } from './json.js';

export type Resource = Json<cluster.Resource>;
export type ClusterEvent = Json<cluster.ClusterEvent>;
export type Page = Json<worker.Page>;
export type Item = Json<worker.Item>;
export type LogLine = Json<worker.LogLine>;
export type Node = Json<cluster.Node>;
export type Host = Json<worker.CrawledHost>;
export type History = Json<worker.History>;
export type Control = Json<cluster.Control>;
export type Spec = Record<string, unknown>;
export type Assignment = Json<crawler.NodeSpec>;

export type ResourceList = Json<cluster.ListResourcesResponse>;
export type ClusterStatus = Json<cluster.ClusterStatus>;

type PageQuery = { page_size: number; page_token?: string | undefined };

export type ListQuery = PageQuery & {
  status?: true;
  node_id?: string | undefined;
  prefix?: string | undefined;
  query?: string | undefined;
  states?: readonly string[] | undefined;
  sort?: string | undefined;
};

/** What a master tells part by part. */
export interface Stream {
  readonly server: string;
  readonly parts: AsyncGenerator<Uint8Array, void, undefined>;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
}

interface StreamOptions {
  /** A master that says nothing for so long counts as gone. */
  readonly silentMs: number;
  /** What to tell when a stream breaks off. */
  readonly gone: (server: string) => string;
  /** What is no such thing does not come from a master. */
  readonly type?: string;
  /** Until it begins. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The masters' REST API. A call goes to the master that answered last and, when that one is gone or cannot serve,
 * to each of the others once: every call is safe to repeat. What fails is a Failure that a person can read.
 */
export class MasterApi {
  private servers: readonly string[];

  constructor(
    servers: readonly string[],
    private readonly timeoutMs: number,
  ) {
    this.servers = servers;
  }

  add(name: string, spec: Spec | undefined, pending: boolean): Promise<Assignment> {
    const body = spec === undefined ? { name } : { name, spec };
    return this.call({
      method: 'POST',
      path: '/crawler/resource',
      query: { pending: pending || undefined },
      body,
    });
  }

  addAll(
    resources: readonly { name: string; spec?: Spec }[],
    pending: boolean,
  ): Promise<Json<cluster.AddResourcesResponse>> {
    const query = { pending: pending || undefined };
    return this.call({ method: 'POST', path: '/crawler/resources', query, body: { resources } });
  }

  async delete(name: string): Promise<void> {
    await this.call({ method: 'DELETE', path: '/crawler/resource', body: { name } });
  }

  get(name: string): Promise<Resource> {
    return this.call({ method: 'GET', path: resourcePath(name) });
  }

  list(query: ListQuery): Promise<ResourceList> {
    return this.call({ method: 'GET', path: '/crawler/resource', query });
  }

  /** The same as server-sent events: as it is now, and whenever it is another. */
  watchList(query: ListQuery, signal: AbortSignal): Promise<Stream> {
    return this.events('/crawler/resources/watch', query, signal);
  }

  watchCluster(signal: AbortSignal): Promise<Stream> {
    return this.events('/crawler/cluster/watch', {}, signal);
  }

  setSpec(name: string, spec: Spec): Promise<Resource> {
    return this.call({ method: 'PUT', path: `${resourcePath(name)}/spec`, body: spec });
  }

  pause(name: string): Promise<Resource> {
    return this.call({ method: 'POST', path: `${resourcePath(name)}/pause` });
  }

  resume(name: string): Promise<Resource> {
    return this.call({ method: 'POST', path: `${resourcePath(name)}/resume` });
  }

  /** As the caller has seen the task: that makes the call safe to repeat. */
  restart(name: string, expected: Control | undefined, fromScratch: boolean): Promise<Resource> {
    return this.call({
      method: 'POST',
      path: `${resourcePath(name)}/restart`,
      body: { fromScratch, expected },
    });
  }

  retry(name: string, expected: Control | undefined): Promise<Resource> {
    return this.call({ method: 'POST', path: `${resourcePath(name)}/retry`, body: { expected } });
  }

  pages(name: string, query: PageQuery & { failed?: true }): Promise<Json<worker.ListPagesResponse>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/pages`, query });
  }

  items(
    name: string,
    query: PageQuery & { contains?: string | undefined },
  ): Promise<Json<worker.ListItemsResponse>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/items/page`, query });
  }

  /** All items as a file, or those with a text. Once its first byte is there, it comes from this master or fails. */
  async export(
    name: string,
    query: { format: string; contains: string | undefined },
    signal?: AbortSignal,
  ): Promise<Stream['parts']> {
    const { parts } = await this.stream(
      { method: 'GET', path: `${resourcePath(name)}/items`, query },
      {
        silentMs: SILENT_EXPORT_MS,
        gone: () => 'The items were cut off: the master or the worker is gone. Try again.',
        signal,
      },
    );
    return parts;
  }

  nodes(): Promise<Json<cluster.ListNodesResponse>> {
    return this.call({ method: 'GET', path: '/crawler/node' });
  }

  drain(id: string): Promise<Json<cluster.Node>> {
    return this.call({ method: 'POST', path: `/crawler/node/${encodeURIComponent(id)}/drain` });
  }

  undrain(id: string): Promise<Json<cluster.Node>> {
    return this.call({ method: 'DELETE', path: `/crawler/node/${encodeURIComponent(id)}/drain` });
  }

  masters(): Promise<Json<cluster.ListMastersResponse>> {
    return this.call({ method: 'GET', path: '/crawler/master' });
  }

  explain(name: string): Promise<Json<cluster.Explanation>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/explain` });
  }

  /** Server-sent events: what happened to the cluster after the event of this id, and what happens. */
  watchEvents(after: string, signal: AbortSignal): Promise<Stream> {
    return this.events('/crawler/event', { after }, signal);
  }

  /** Server-sent events, each with lines. It says its end when all is told. */
  log(
    name: string,
    query: { after: string; tail: number | undefined; follow: true | undefined },
    signal: AbortSignal,
  ): Promise<Stream> {
    return this.events(`${resourcePath(name)}/log`, query, signal);
  }

  history(name: string): Promise<Json<worker.History>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/history` });
  }

  hosts(name: string): Promise<Json<worker.ListHostsResponse>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/hosts` });
  }

  specs(name: string): Promise<Json<cluster.ListSpecsResponse>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/specs` });
  }

  /** As `go tool pprof` reads it. Its first byte may come when all of it has been taken. */
  async profile(
    id: string,
    query: { kind: string; seconds: number | undefined },
    signal: AbortSignal,
  ): Promise<Stream['parts']> {
    const path = `/crawler/node/${encodeURIComponent(id)}/profile`;
    const timeoutMs = this.timeoutMs + (query.seconds ?? 0) * 1_000;
    const gone = (): string => 'The profile was cut off: the master or the node is gone.';
    const { parts } = await this.stream(
      { method: 'GET', path, query },
      { timeoutMs, silentMs: timeoutMs, gone, signal },
    );
    return parts;
  }

  private call<T>(call: Call): Promise<T> {
    return this.fromAny((server) => this.ask<T>(server, call));
  }

  private async fromAny<T>(ask: (server: string) => Promise<T>): Promise<T> {
    const failures: Failure[] = [];
    for (const server of this.servers) {
      try {
        const answer = await ask(server);
        this.servers = [server, ...this.servers.filter((other) => other !== server)];
        return answer;
      } catch (error) {
        if (!(error instanceof Failure) || error.exitCode !== EXIT.unavailable) throw error;
        failures.push(error);
      }
    }
    if (failures.length === 1 && failures[0] !== undefined) throw failures[0];
    const reasons = failures.map(({ message }) => `  ${message}`).join('\n');
    throw new Failure(EXIT.unavailable, `None of ${failures.length} masters could serve this:\n${reasons}`);
  }

  private async ask<T>(server: string, call: Call): Promise<T> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    const response = await this.send(server, call, signal);
    const answer = parsed(await this.read(server, response));
    if (response.ok && answer !== undefined) return answer as T;
    throw refusal(server, call, response, answer);
  }

  private events(path: string, query: Call['query'], signal: AbortSignal): Promise<Stream> {
    const gone = (server: string): string => `${server} is gone.`;
    return this.stream(
      { method: 'GET', path, query },
      { silentMs: SILENT_EVENTS_MS, gone, type: 'text/event-stream', signal },
    );
  }

  private stream(call: Call, { silentMs, gone, ...options }: StreamOptions): Promise<Stream> {
    return this.fromAny(async (server) => {
      const body = await this.open(server, call, options);
      const parts = chunksOf(body, { silentMs, gone: gone(server), signal: options.signal });
      return { server, parts: this.orTurnAway(server, parts) };
    });
  }

  /** A master that fails in the middle of it is asked after the others from then on. */
  private async *orTurnAway(server: string, parts: Stream['parts']): Stream['parts'] {
    try {
      yield* parts;
    } catch (error) {
      this.servers = [...this.servers.filter((other) => other !== server), server];
      throw error;
    }
  }

  private async open(
    server: string,
    call: Call,
    { timeoutMs = this.timeoutMs, type, signal }: Omit<StreamOptions, 'silentMs' | 'gone'>,
  ): Promise<ReadableStream<Uint8Array>> {
    const late = new AbortController();
    // A stream may take as long as it takes; that it begins may not.
    const timer = setTimeout(
      () => late.abort(new DOMException('no answer in time', 'TimeoutError')),
      timeoutMs,
    );
    const signals = signal === undefined ? [late.signal] : [late.signal, signal];
    try {
      const response = await this.send(server, call, AbortSignal.any(signals));
      const isOfType = response.headers.get('content-type')?.startsWith(type ?? '') ?? type === undefined;
      if (response.ok && response.body !== null && isOfType) return response.body;
      throw refusal(server, call, response, parsed(await this.read(server, response)));
    } finally {
      clearTimeout(timer);
    }
  }

  private async send(
    server: string,
    { method, path, query = {}, body }: Call,
    signal: AbortSignal,
  ): Promise<Response> {
    const url = new URL(server.replace(/\/$/, '') + path);
    for (const [key, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(key, String(one));
    }
    const content =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    try {
      return await fetch(url, { method, ...content, signal });
    } catch (error) {
      throw new Failure(EXIT.unavailable, unreachable(server, error, this.timeoutMs), { cause: error });
    }
  }

  private async read(server: string, response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw new Failure(EXIT.unavailable, unreachable(server, error, this.timeoutMs), { cause: error });
    }
  }
}

function refusal(server: string, { method, path }: Call, response: Response, answer: unknown): Failure {
  if (isStatus(answer)) {
    const hint =
      answer.code === ALREADY_EXISTS ? '\nChange what it crawls with: orbweaver set-spec NAME FILE' : '';
    return new Failure(exitCodeOf(answer.code), sentence(answer.message) + hint);
  }
  return new Failure(
    response.status >= 500 ? EXIT.unavailable : EXIT.failed,
    `${server} does not answer like a master (HTTP ${response.status} to ${method} ${path}). Check --server.`,
  );
}

function resourcePath(name: string): string {
  return `/crawler/resource/${encodeURIComponent(name)}`;
}

/** Workers may need half a minute for the next part of a file. */
const SILENT_EXPORT_MS = 60_000;
/** Three beats: masters say something every 15 seconds at least. */
const SILENT_EVENTS_MS = 45_000;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** Deadline exceeded, resource exhausted, unavailable. */
const PASSING = [4, 8, 14];

/** gRPC codes, as the contract's error body carries them. */
function exitCodeOf(code: number): ExitCode {
  if (code === NOT_FOUND) return EXIT.notFound;
  return PASSING.includes(code) ? EXIT.unavailable : EXIT.failed;
}

function unreachable(server: string, error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `${server} did not answer within ${timeoutMs / 1000} s.`;
  }
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  const why = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    ENOTFOUND: 'no such host',
    UND_ERR_SOCKET: 'connection closed',
  }[cause?.code ?? ''];
  return (
    `No master answers at ${server} (${why ?? cause?.message ?? String(error)}).` +
    ' Start a cluster with `orbweaver up`, or name its masters with --server.'
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is { code: number; message: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Record<string, unknown>;
  return typeof code === 'number' && typeof message === 'string';
}

export function sentence(message: string): string {
  const text = message === '' ? 'The master refused this without saying why' : message;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
