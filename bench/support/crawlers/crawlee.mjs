// Crawlee's CheerioCrawler with its own settings but for the number of pages. Prints what it did as JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [, , seed, directory, pageCount] = process.argv;
const { CheerioCrawler, Configuration } = createRequire(join(directory, 'package.json'))('@crawlee/cheerio');
const config = Configuration.getGlobalConfig();
config.set('persistStorage', false);
let pages = 0;
let items = 0;
const crawler = new CheerioCrawler({
  maxRequestsPerCrawl: Number(pageCount),
  async requestHandler({ $, enqueueLinks, pushData }) {
    pages++;
    await pushData({ title: $('h1').text(), author: $('.author').text(), price: Number($('.price').text()) });
    items++;
    await enqueueLinks();
  },
});
crawler.log.setLevel(0);

const from = performance.now();
await crawler.run([seed]);
const ms = performance.now() - from;
console.log(JSON.stringify({ pages, ms, items, rssKb: process.resourceUsage().maxRSS }));
