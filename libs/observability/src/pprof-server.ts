import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOrbweaverError, OrbweaverError } from '@app/errors';
import { MAX_PROFILE_SECONDS, takeProfile } from './profile.js';

const DEFAULT_SECONDS = 30;
const INDEX = `<!doctype html><title>/debug/pprof/</title><h1>/debug/pprof/</h1><ul>
<li><a href="profile?seconds=30">profile</a>: CPU, for ?seconds=N (1 to ${MAX_PROFILE_SECONDS}, default ${DEFAULT_SECONDS})
<li><a href="heap">heap</a>: live objects by where they were allocated, sampled
</ul><p>Open with <code>go tool pprof http://HOST:PORT/debug/pprof/profile</code></p>
`;

/** Serves what `go tool pprof` asks for, on an address of its own. */
export class PprofServer {
  private constructor(
    private readonly server: Server,
    readonly address: AddressInfo,
    private readonly closing: AbortController,
  ) {}

  static async listen(at: { host: string; port: number }): Promise<PprofServer> {
    const closing = new AbortController();
    const server = createServer((request, response) => {
      answer(request, response, closing.signal).catch((error: unknown) => {
        text(response, httpStatus(error), error instanceof Error ? error.message : String(error));
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
        const message = `cannot listen on ${at.host}:${at.port} for pprof: ${why}`;
        reject(new OrbweaverError('UNAVAILABLE', message, { cause: error }));
      });
      server.listen(at.port, at.host, resolve);
    });
    return new PprofServer(server, server.address() as AddressInfo, closing);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pprof');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return text(response, 405, 'only GET');
  }
  switch (url.pathname) {
    case '/debug/pprof':
    case '/debug/pprof/':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(INDEX);
      return;
    case '/debug/pprof/profile': {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const seconds = Number(url.searchParams.get('seconds') || DEFAULT_SECONDS);
      const signal = AbortSignal.any([closing, gone.signal]);
      return binary(response, 'profile', await takeProfile('cpu', seconds, signal));
    }
    case '/debug/pprof/heap':
      return binary(response, 'heap', await takeProfile('heap', 0, closing));
    default:
      return text(response, 404, `no profile at ${url.pathname}; see /debug/pprof/`);
  }
}

function httpStatus(error: unknown): number {
  if (isOrbweaverError(error, 'INVALID_ARGUMENT')) return 400;
  return isOrbweaverError(error, 'RESOURCE_EXHAUSTED') ? 409 : 500;
}

function text(response: ServerResponse, status: number, message: string): void {
  if (!response.headersSent && !response.destroyed) {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
  }
}

function binary(response: ServerResponse, name: string, body: Uint8Array): void {
  response
    .writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${name}"`,
      'content-length': body.length,
    })
    .end(body);
}
