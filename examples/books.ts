import { defineTask } from 'orbweaver';

/**
 * The books of books.yaml, as a module. Put it into the directory that workers take tasks from (`--tasks`): what a
 * parse function returns are the items of its page, and it knows the fields of its rule with their types.
 */
export default defineTask({
  name: 'books',
  seeds: 'http://127.0.0.1:8090/tag/',
  delay: '50ms',
  rules: {
    tags: {
      follow: { select: 'a.tag', to: 'list', carry: { tag: ':scope' } },
    },

    list: {
      follow: { select: '.subject-item h2 a', to: 'book', priority: 1 },
      paginate: '.next a',
    },

    book: {
      fields: {
        title: { css: 'h1', required: true },
        tag: { carried: 'tag' },
        author: '#info .author',
        score: { css: '.rating_num', type: 'number' },
        summary: '.intro p',
        facts: { css: '#info', required: true },
      },
      parse({ item: { facts, ...book } }) {
        const fact = (pattern: RegExp) => pattern.exec(facts)?.[1] ?? null;
        const [pages, price] = [fact(/Pages: (\d+)/), fact(/Price: ([\d.]+)/)];
        return {
          ...book,
          publisher: fact(/Publisher: (.+?) Pages:/),
          pages: pages === null ? null : Number(pages),
          price: price === null ? null : Number(price),
        };
      },
    },
  },
});
