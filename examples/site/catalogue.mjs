import { authors, books, shelves } from './books.mjs';
import { escaped, page } from './html.mjs';

const BOOKS_A_PAGE = 4;

/** A catalogue of the same books: tags → books of a tag, page by page → one book. By path and query. */
export function cataloguePages() {
  const pages = new Map([['/tag/', page('Tags', tagTable())]]);
  for (const [tag, name] of Object.entries(shelves)) {
    const tagged = books.filter(({ shelf }) => shelf === tag);
    for (let start = 0; start < tagged.length; start += BOOKS_A_PAGE) {
      const address = start === 0 ? `/tag/${tag}` : `/tag/${tag}?start=${start}`;
      pages.set(address, page(`Books: ${name}`, listOf(tagged, start)));
    }
  }
  for (const book of books) pages.set(`/subject/${book.id}/`, page(book.title, aboutBook(book)));
  return pages;
}

function tagTable() {
  const cells = Object.entries(shelves).map(
    ([tag, name]) => `<td><a class="tag" href="/tag/${tag}">${name}</a><b>(6)</b></td>`,
  );
  return `<table class="tagCol"><tbody><tr>\n${cells.join('\n')}\n</tr></tbody></table>`;
}

function listOf(tagged, start) {
  const entries = tagged.slice(start, start + BOOKS_A_PAGE).map(
    ({ id, title, author }) => `<li class="subject-item">
<h2><a href="/subject/${id}/" title="${escaped(title)}">${escaped(title)}</a></h2>
<div class="pub">${authors[author][0]}</div>
</li>`,
  );
  const next = start + BOOKS_A_PAGE;
  const further = next < tagged.length ? `<a href="?start=${next}">Next</a>` : 'Next';
  return `<ul class="subject-list">\n${entries.join('\n')}\n</ul>
<div class="paginator"><span class="next">${further}</span></div>`;
}

/** The facts stand between elements, as they do on real sites: a selector alone does not get at them. */
function aboutBook({ author, publisher, pages, price, score, about }) {
  return `<div id="info">
<span class="pl">Author</span>: <a class="author" href="/authors/${author}">${authors[author][0]}</a><br>
<span class="pl">Publisher:</span> ${escaped(publisher)}<br>
<span class="pl">Pages:</span> ${pages}<br>
<span class="pl">Price:</span> ${price.toFixed(2)} EUR<br>
</div>
<div class="rating"><strong class="rating_num"> ${score.toFixed(1)} </strong> of 10</div>
<div class="intro"><p>${escaped(about)}</p></div>`;
}
