import { Parser } from 'htmlparser2';
import { html } from '../support/crawl-site.mjs';
import { median } from '../support/load.mjs';

const ROUNDS = 7;
const PAGES = 1_000;
const URL_OF_PAGE = 'http://127.0.0.1/0.html';

/**
 * What a page costs between its bytes and its items and links, without any network: ours, with three fields and all
 * links in their normal form, beside htmlparser2 when it does nothing but tell of tags; and a script in its sandbox.
 */
export async function extract() {
  const { compileTask } = await import('../../dist/libs/extract/src/index.js');
  const { parseTaskSpec } = await import('../../dist/libs/tasks/src/index.js');
  const fields = { title: 'h1', author: '.author', price: { css: '.price', type: 'number' } };
  const script =
    'return { title: ctx.select("h1"), author: ctx.select(".author"), price: ctx.select(".price") }';
  const rules = { page: { follow: { select: 'a', to: 'page' }, fields }, script: { script } };
  const task = compileTask(parseTaskSpec({ seeds: [URL_OF_PAGE], root: 'page', rules }));
  const bodies = Array.from({ length: 100 }, (_, page) => Buffer.from(html(page, 20_000)));
  const read = (rule) => (n) =>
    task.extract({
      url: URL_OF_PAGE,
      contentType: 'text/html; charset=utf-8',
      body: bodies[n % bodies.length],
      rule,
      depth: 0,
      carried: {},
    });

  const { links, items } = await read('page')(0);
  if (links.length === 0 || items.length !== 1) throw new Error('nothing was found on the page');
  const measured = await turns({
    bare: (n) => bare(bodies[n % bodies.length].toString()),
    ours: read('page'),
    script: read('script'),
  });
  const ratio = (name) => `${(measured[name] / measured.bare).toFixed(2)} of the bare parse`;
  const us = (name) => `${measured[name].toFixed(0)} µs`;
  return [
    ['Bare parse of a page of 10 kB (htmlparser2)', us('bare'), '', ''],
    ['Its three fields and 30 links', us('ours'), ratio('ours'), 'at most 1.5'],
    ['Its three fields by a script', us('script'), ratio('script'), ''],
  ];
}

function bare(text) {
  const links = [];
  const parser = new Parser({
    onopentag(name, { href }) {
      if (name === 'a' && href !== undefined) links.push(href);
    },
  });
  parser.write(text);
  parser.end();
  return links;
}

/** Microseconds for one call of each; turn by turn, so that what else the machine does meets all of them. */
async function turns(works) {
  const took = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      const from = performance.now();
      for (let n = 0; n < PAGES; n++) await work(n);
      // The first round is for warming up.
      if (round > 0) took[name].push(((performance.now() - from) * 1_000) / PAGES);
    }
  }
  return Object.fromEntries(Object.entries(took).map(([name, each]) => [name, median(each)]));
}
