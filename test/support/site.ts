import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SiteRequest {
  path: string;
  /** When it came, on the monotonic clock. */
  at: number;
  /** Of the connection: another process has another. */
  client: number;
}

/** A site on loopback to be crawled: page N links to the pages 2N+1 and 2N+2, as far as there are pages. */
export class Site {
  /** In the order in which they came, robots.txt left out. */
  readonly requests: SiteRequest[] = [];
  /** When each request came, for robots.txt too. */
  readonly times: number[] = [];
  /** What a page answers with; other than 200 is an empty page. */
  status: (path: string) => number = () => 200;
  /** How long each answer takes: so that a crawl lasts until a test has done with it what it wants to. */
  answerInMs = 0;
  readonly #server: Server;

  private constructor(private readonly pageCount: number) {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const path = request.url ?? '';
      this.times.push(performance.now());
      if (path !== '/robots.txt') {
        this.requests.push({ path, at: performance.now(), client: request.socket.remotePort ?? 0 });
      }
      if (this.answerInMs === 0) this.#answer(path, response);
      else setTimeout(() => this.#answer(path, response), this.answerInMs);
    });
  }

  static async start(pageCount: number): Promise<Site> {
    const site = new Site(pageCount);
    await once(site.#server.listen(0, '127.0.0.1'), 'listening');
    return site;
  }

  /** Of page 0. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/0`;
  }

  /** What was asked so far counts no more. */
  forget(): void {
    this.requests.length = 0;
    this.times.length = 0;
  }

  /** Paths that were asked for more than once. */
  get repeated(): string[] {
    const paths = this.requests.map(({ path }) => path);
    return paths.filter((path, index) => paths.indexOf(path) !== index);
  }

  /** Of these paths, those that were asked for more than once. */
  repeatedOf(paths: readonly string[]): string[] {
    const repeated = new Set(this.repeated);
    return paths.filter((path) => repeated.has(path));
  }

  /** The shortest time between two requests that followed each other. */
  get shortestGapMs(): number {
    return Math.min(...this.times.slice(1).map((at, index) => at - (this.times[index] ?? 0)));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  #answer(path: string, response: ServerResponse): void {
    const number = Number(path.slice(1));
    if (!(number < this.pageCount)) {
      response.writeHead(404).end();
      return;
    }
    if (this.status(path) !== 200) {
      response.writeHead(this.status(path)).end();
      return;
    }
    const links = [2 * number + 1, 2 * number + 2].filter((to) => to < this.pageCount);
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<title>Page ${number}</title>${links.map((to) => `<a href="/${to}">${to}</a>`).join('')}`);
  }
}
