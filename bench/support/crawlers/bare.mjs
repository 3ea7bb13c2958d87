// The least that a crawl can be: undici, htmlparser2, a set of URLs. Prints what it did as JSON.
import { Parser } from 'htmlparser2';
import { Agent } from 'undici';

const seed = process.argv[2];
const { origin } = new URL(seed);
const agent = new Agent({ connections: 16, pipelining: 1 });
const seen = new Set([seed]);
const queue = [seed];
const items = [];
let open = 0;
let pages = 0;

const from = performance.now();
await Promise.all(Array.from({ length: 16 }, crawl));
const ms = performance.now() - from;
await agent.close();
console.log(JSON.stringify({ pages, ms, items: items.length, rssKb: process.resourceUsage().maxRSS }));

async function crawl() {
  for (;;) {
    const url = queue.shift();
    if (url === undefined) {
      if (open === 0) return;
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    open++;
    const { body } = await agent.request({ origin, path: url.slice(origin.length), method: 'GET' });
    read(await body.text(), url);
    open--;
    pages++;
  }
}

function read(html, url) {
  const item = {};
  let field;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'a' && attributes.href !== undefined) follow(new URL(attributes.href, url).href);
      else if (name === 'h1') field = 'title';
      else if (attributes.class === 'author' || attributes.class === 'price') field = attributes.class;
    },
    ontext(text) {
      if (field !== undefined) item[field] = (item[field] ?? '') + text;
    },
    onclosetag() {
      field = undefined;
    },
  });
  parser.write(html);
  parser.end();
  items.push(item);
}

function follow(url) {
  if (seen.has(url)) return;
  seen.add(url);
  queue.push(url);
}
