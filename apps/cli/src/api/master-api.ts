import type { cluster, crawler, worker } from '@app/proto';
import { EXIT, type ExitCode, Failure } from '../failure.js';
import type { Json } from './json.js';

export type Resource = Json<cluster.Resource>;
export type Page = Json<worker.Page>;
export type Spec = Record<string, unknown>;
export type Assignment = Json<crawler.NodeSpec>;

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
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

  list(query: {
    page_size: number;
    page_token?: string | undefined;
    node_id?: string | undefined;
    prefix?: string | undefined;
  }): Promise<Json<cluster.ListResourcesResponse>> {
    return this.call({ method: 'GET', path: '/crawler/resource', query });
  }

  setSpec(name: string, spec: Spec): Promise<Resource> {
    return this.call({ method: 'PUT', path: `${resourcePath(name)}/spec`, body: spec });
  }

  pages(
    name: string,
    query: { page_size: number; page_token?: string | undefined },
  ): Promise<Json<worker.ListPagesResponse>> {
    return this.call({ method: 'GET', path: `${resourcePath(name)}/pages`, query });
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

  private async call<T>(call: Call): Promise<T> {
    const failures: Failure[] = [];
    for (const server of this.servers) {
      try {
        const answer = await this.ask<T>(server, call);
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

  private async ask<T>(server: string, { method, path, query = {}, body }: Call): Promise<T> {
    const url = new URL(server.replace(/\/$/, '') + path);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw new Failure(EXIT.unavailable, unreachable(server, error, this.timeoutMs), { cause: error });
    }
    const answer = parsed(text);
    if (response.ok && answer !== undefined) return answer as T;
    if (isStatus(answer)) {
      const hint =
        answer.code === ALREADY_EXISTS ? '\nChange what it crawls with: orbweaver set-spec NAME FILE' : '';
      throw new Failure(exitCodeOf(answer.code), sentence(answer.message) + hint);
    }
    throw new Failure(
      response.status >= 500 ? EXIT.unavailable : EXIT.failed,
      `${server} does not answer like a master (HTTP ${response.status} to ${method} ${path}). Check --server.`,
    );
  }
}

function resourcePath(name: string): string {
  return `/crawler/resource/${encodeURIComponent(name)}`;
}

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
