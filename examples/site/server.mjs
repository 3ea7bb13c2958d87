/**
 * A small book shop to crawl: about 60 pages that link to each other, served from memory.
 * Alone: `node examples/site/server.mjs [PORT]` (8090 when none is given).
 */
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { authors, books, shelves } from './books.mjs';

/** Starts the shop on loopback: on `port` or, when that is taken, on any free one. */
export async function startSite(port = 8090) {
  const pages = render();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const body = pages.get(pathname);
    const type = pathname.endsWith('.txt') ? 'text/plain' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(body ?? page('Not here', '<p>We do not stock that. <a href="/">Back to the shop</a></p>'));
  });
  const bound = await listen(server, port).catch(() => listen(server, 0));
  return {
    url: `http://127.0.0.1:${bound}/`,
    pageCount: [...pages.keys()].filter((path) => !path.endsWith('.txt')).length,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

/** Every page of the shop by its path. */
function render() {
  const pages = new Map([
    ['/robots.txt', 'User-agent: *\nAllow: /\n'],
    [
      '/',
      page('The Orb Weaver Book Shop', `<p>Thirty-six books, all of them good.</p>${list(shelfLinks())}`),
    ],
    ['/authors', page('Our authors', list(Object.keys(authors).map(authorLink)))],
    [
      '/news',
      page('News', `<p>New this year:</p>${list(books.filter(({ year }) => year >= 2022).map(bookLink))}`),
    ],
    ['/bargains', page('Bargains', list(books.filter(({ price }) => price < 13).map(bookLink)))],
    ['/about', page('About us', '<p>A shop that exists so that a crawler has somewhere to go.</p>')],
    ['/delivery', page('Delivery', '<p>By bicycle within the town, by ferry to the islands.</p>')],
  ]);
  for (const [shelf, name] of Object.entries(shelves)) {
    const stock = books.filter((book) => book.shelf === shelf);
    pages.set(`/shelves/${shelf}`, page(name, list(stock.map(bookLink))));
  }
  for (const [slug, [name, about]] of Object.entries(authors)) {
    const works = books.filter(({ author }) => author === slug);
    pages.set(`/authors/${slug}`, page(name, `<p>${about}</p>${list(works.map(bookLink))}`));
  }
  for (const book of books) {
    const facts = `<p class="about">${book.about}</p>
<p>By ${authorLink(book.author)}, <span class="year">${book.year}</span>.
On the shelf <a href="/shelves/${book.shelf}">${shelves[book.shelf]}</a>.</p>
<p class="price">${book.price.toFixed(2)} EUR</p>`;
    pages.set(`/books/${book.slug}`, page(book.title, facts));
  }
  return pages;
}

function page(title, body) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<nav><a href="/">Shop</a> <a href="/authors">Authors</a> <a href="/news">News</a> <a href="/bargains">Bargains</a>
<a href="/about">About</a> <a href="/delivery">Delivery</a></nav>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}

function list(links) {
  return `<ul>\n${links.map((link) => `<li>${link}</li>`).join('\n')}\n</ul>`;
}

function shelfLinks() {
  return Object.entries(shelves).map(([shelf, name]) => `<a href="/shelves/${shelf}">${name}</a>`);
}

function bookLink({ slug, title }) {
  return `<a href="/books/${slug}">${title}</a>`;
}

function authorLink(slug) {
  return `<a href="/authors/${slug}">${authors[slug][0]}</a>`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { url, pageCount } = await startSite(Number(argv[2] ?? 8090));
  console.log(`${pageCount} pages at ${url}`);
}
