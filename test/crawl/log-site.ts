import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { until } from '../support/until.js';

/** A site of so many pages, each with three links and a heading, that notes each request when it comes. */
export class LogSite {
  readonly log: { path: string; at: number; agent: string }[] = [];
  readonly #server: Server;

  private constructor(pageCount: number, answersAfterMs: number) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.log.push({ path, at: performance.now(), agent: request.headers['user-agent'] ?? '' });
      const page = Number(path.slice(1));
      const links = [1, 2, 3].map((step) => 3 * page + step).filter((to) => to < pageCount);
      setTimeout(() => {
        if (!(page < pageCount)) response.writeHead(404).end();
        else {
          const text = links.map((to) => `<a href="/${to}">x</a>`).join('');
          response
            .writeHead(200, { 'content-type': 'text/html' })
            .end(`<title>Page ${page}</title><h1>Page ${page}</h1>${text}`);
        }
      }, answersAfterMs);
    });
  }

  static async start(pageCount: number, answersAfterMs = 0): Promise<LogSite> {
    const site = new LogSite(pageCount, answersAfterMs);
    await once(site.#server.listen(0, '127.0.0.1'), 'listening');
    return site;
  }

  url(page: number): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${page}`;
  }

  /** Numbers of the pages that were asked for, in the order of the requests. */
  get pages(): number[] {
    return this.log.filter(({ path }) => path !== '/robots.txt').map(({ path }) => Number(path.slice(1)));
  }

  /** Between one request and the next, robots.txt among them, and who sent the two. */
  get gaps(): { ms: number; agents: string[] }[] {
    return this.log.slice(1).map(({ at, agent }, index) => {
      const before = this.log[index] ?? { at: 0, agent: '' };
      return { ms: at - before.at, agents: [before.agent, agent] };
    });
  }

  /** Nobody is connected: whatever was asked is in the log. */
  async quiet(): Promise<void> {
    await until(async () => (await promisify(this.#server.getConnections.bind(this.#server))()) === 0, {
      what: 'all connections have ended',
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}
