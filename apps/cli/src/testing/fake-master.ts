import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../run.js';

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

export type Answer = { readonly status?: number; readonly body: unknown };

/** For tests: a master as far as the contract of its REST API goes. It answers what it is told to. */
export class FakeMaster {
  readonly requests: Request[] = [];
  answer: (request: Request) => Answer = () => ({ body: {} });
  /** Takes a request over as a whole, where it gives true. */
  stream: (request: Request, response: ServerResponse) => boolean = () => false;
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  /** Its address. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request);
    this.requests.push(asked);
    if (this.stream(asked, response)) return;
    const { status = 200, body } = this.answer(asked);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

async function read(request: IncomingMessage): Promise<Request> {
  const body = await text(request);
  const { method = '', url = '' } = request;
  return { method, url, body: body === '' ? undefined : JSON.parse(body) };
}

/** A command that has begun, and what it has written so far. */
export function started(
  argv: readonly string[],
  { stdin = '', isTTY = false }: { stdin?: string; isTTY?: boolean } = {},
) {
  const [out, err]: [string[], string[]] = [[], []];
  const done = run(argv, {
    stdin: Readable.from([stdin]),
    stdout: { write: (part) => out.push(Buffer.from(part).toString()) },
    stderr: { isTTY, write: (part) => err.push(Buffer.from(part).toString()) },
  });
  return { done, stdout: () => out.join(''), stderr: () => err.join('') };
}
