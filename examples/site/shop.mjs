import { authors, books, shelves } from './books.mjs';
import { list, page as anyPage } from './html.mjs';

/** The book shop, about 60 pages that link to each other, by their paths. */
export function shopPages() {
  const pages = new Map([
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

const nav = `<nav><a href="/">Shop</a> <a href="/authors">Authors</a> <a href="/news">News</a>
<a href="/bargains">Bargains</a> <a href="/about">About</a> <a href="/delivery">Delivery</a></nav>
`;

export function page(title, body) {
  return anyPage(title, body, { nav });
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
