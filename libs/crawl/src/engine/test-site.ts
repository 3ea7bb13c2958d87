import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** For tests: a site on loopback that notes what is asked of it. */
export class TestSite {
  readonly requests: { path: string; at: number; headers: IncomingMessage['headers'] }[] = [];
  openCount = 0;
  mostOpenCount = 0;
  pages: Record<string, string | Handler> = {};
  /** For what is not among the pages. */
  otherwise: Handler = (_, response) => void response.writeHead(404).end('no');
  readonly #server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    this.requests.push({ path, at: performance.now(), headers: request.headers });
    this.mostOpenCount = Math.max(this.mostOpenCount, ++this.openCount);
    response.once('close', () => this.openCount--);
    const page = this.pages[path];
    if (typeof page === 'function') page(request, response);
    else if (page === undefined) this.otherwise(request, response);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });

  static async open(): Promise<TestSite> {
    const site = new TestSite();
    await once(site.#server.listen(0, '127.0.0.1'), 'listening');
    return site;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  /** What was asked for, robots.txt left out. */
  get paths(): string[] {
    return this.requests.map(({ path }) => path).filter((path) => path !== '/robots.txt');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}
