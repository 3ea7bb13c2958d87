/**
 * A small site to crawl, served from memory: a book shop of about 60 pages that link to each other, a catalogue of
 * its books (/tag/), and the discussion of a group (/group/flats/discussion?start=0).
 * Alone: `node examples/site/server.mjs [PORT]` (8090 when none is given).
 */
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { cataloguePages } from './catalogue.mjs';
import { groupPages } from './group.mjs';
import { page, shopPages } from './shop.mjs';

const ROBOTS = 'User-agent: *\nAllow: /\n';

/** Starts the site on loopback: on `port` or, when that is taken, on any free one. */
export async function startSite(port = 8090) {
  const shop = shopPages();
  const pages = new Map([['/robots.txt', ROBOTS], ...shop, ...cataloguePages(), ...groupPages()]);
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const body = pages.get(path) ?? pages.get(path.replace(/\?.*$/, ''));
    const type = path === '/robots.txt' ? 'text/plain' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(body ?? NOT_HERE);
  });
  const bound = await listen(server, port).catch(() => listen(server, 0));
  return {
    url: `http://127.0.0.1:${bound}/`,
    /** Of the shop: what is found from its front page. */
    pageCount: shop.size,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

const NOT_HERE = page('Not here', '<p>We do not stock that. <a href="/">Back to the shop</a></p>');

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { url, pageCount } = await startSite(Number(argv[2] ?? 8090));
  console.log(`${pageCount} pages at ${url}, a catalogue at ${url}tag/`);
}
