import { Crawler, type Task } from '@app/crawl';
import { HttpFetcher } from '@app/fetch';
import { openCrawlStore, parseStoreUrl } from '@app/storage';
import { parseTaskSpec } from '@app/tasks';

/** What a process of the test is to crawl, as its one argument says in JSON. */
export interface CrawlOrder {
  store: string;
  holder: string;
  epoch: number;
  tasks: { name: string; spec: object }[];
}

/** The engine as a process of its own that can be killed. Prints a line for each task that has ended. */
async function main({ store: url, holder, epoch, tasks }: CrawlOrder): Promise<void> {
  const store = await openCrawlStore(parseStoreUrl(url, '/nowhere'));
  const fetcher = new HttpFetcher({ allowPrivate: true });
  const log = { warn: (fields: object, message: string) => console.log(message, JSON.stringify(fields)) };
  const crawler = new Crawler({ store, fetchers: { http: fetcher }, holder, log });
  const { signal } = new AbortController();
  await Promise.all(
    tasks.map(async ({ name, spec }) => {
      const task: Task = {
        name,
        id: '1',
        epoch: BigInt(epoch),
        generation: 0,
        run: 1,
        retry: 0,
        spec: parseTaskSpec(spec),
      };
      const outcome = await crawler.run(task, { signal, holds: () => true });
      console.log(`${name} ${outcome}`);
    }),
  );
  await crawler.close();
  await fetcher.close();
  await store.close();
}

await main(JSON.parse(process.argv[2] ?? '') as CrawlOrder);
