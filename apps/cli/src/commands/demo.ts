import { fileURLToPath } from 'node:url';
import { loadSettingsOrExit, productVersion } from '@app/config';
import { MasterApi, type Spec } from '../api/master-api.js';
import type { LocalCluster } from '../cluster/local-cluster.js';
import { addressTable, keepRunning, masterUrls, runCluster } from '../cluster/run-cluster.js';
import { demoSettings } from '../cluster/up-settings.js';
import { type Progress, crawlSample } from '../demo/sample-crawl.js';
import { Failure } from '../failure.js';
import { itemsView } from '../output/items.js';
import { renderTable } from '../output/table.js';
import { Terminal } from '../output/terminal.js';
import { nameOf, readSpec } from '../spec-file.js';
import { rowOf } from './results.js';

const EXAMPLES = new URL('../../../../../examples/', import.meta.url);
const SAMPLE = fileURLToPath(new URL('books.yaml', EXAMPLES));

interface Site {
  readonly url: string;
  readonly pageCount: number;
  close(): Promise<void>;
}

/** `npm start`: a cluster, a sample site, a task that crawls it, and what it found. */
export async function demo(argv: string[]): Promise<void> {
  const settings = loadSettingsOrExit(demoSettings, { argv, env: process.env });
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const terminal = new Terminal();
  const { colours, print } = terminal;

  print(colours.bold(`Orbweaver ${productVersion()}`));
  terminal.progress(`Starting a store, ${settings.masters} masters and ${settings.workers} workers …`);
  const site = await startSite();
  try {
    await runCluster(settings, terminal, { fresh: true }, async (cluster, signal) => {
      terminal.settle(`${colours.green('✓')} The cluster is up after ${seconds()}.\n`);
      print(addresses(cluster, site, settings.dataDir, terminal));
      try {
        await crawl(cluster, site, settings.deadlineMs, signal, terminal, seconds);
      } catch (error) {
        if (settings.once || signal.aborted || !(error instanceof Failure)) throw error;
        terminal.settle(colours.red(error.message));
      }
      if (settings.once) return;
      print(hints(masterUrls(cluster.members)));
      await keepRunning(cluster, signal);
    });
  } finally {
    await site.close();
  }
  print('Stopped.');
}

async function crawl(
  cluster: LocalCluster,
  site: Site,
  deadlineMs: number,
  signal: AbortSignal,
  terminal: Terminal,
  seconds: () => string,
): Promise<void> {
  const { colours } = terminal;
  const sample = await readSpec(SAMPLE, process.stdin);
  const name = nameOf(sample, SAMPLE);
  const spec: Spec = { ...sample, seeds: [new URL('tag/', site.url).href] };
  let first = '';
  const onProgress = ({ done, queued, failed, items, node }: Progress): void => {
    if (items > 0 && first === '') first = seconds();
    const known = Math.max(done + failed + queued, 1);
    const counts = `${done} of ${known} pages known so far, ${items} books${failed === 0 ? '' : `, ${failed} failed`}`;
    terminal.progress(
      [`Crawling ${name}`, terminal.bar(done + failed, known), counts, colours.dim(node)]
        .filter((part) => part !== '')
        .join('  '),
    );
  };
  const api = new MasterApi(masterUrls(cluster.members), 5_000);
  const { items, progress } = await crawlSample({ api, name, spec, deadlineMs, signal, onProgress });
  terminal.settle(
    `${colours.green('✓')} Crawled ${name}: ${progress.done} pages, ${progress.items} items` +
      `${progress.failed === 0 ? '' : `, ${progress.failed} pages failed`}. ` +
      `The first item was stored ${first} after the start, the last ${seconds()}.\n`,
  );
  const { head, rows } = itemsView(items.map(rowOf));
  terminal.print(`The first ${items.length} of ${progress.items}:`);
  terminal.print(renderTable(head, rows, colours));
}

function addresses(cluster: LocalCluster, site: Site, dataDir: string, { colours }: Terminal): string {
  const [server = ''] = masterUrls(cluster.members);
  return [
    addressTable(cluster.members, colours),
    `Console      ${colours.cyan(`${server}/`)}`,
    `Swagger UI   ${colours.cyan(`${server}/docs`)}`,
    `Sample site  ${colours.cyan(site.url)} (${site.pageCount} pages)`,
    `Store        ${cluster.store.description}`,
    `Logs         ${dataDir}/log/`,
    '',
  ].join('\n');
}

function hints(servers: readonly string[]): string {
  const [server = ''] = servers;
  const option = server === 'http://127.0.0.1:8081' ? '' : ` --server=${servers.join(',')}`;
  return [
    'It keeps running. In another terminal:',
    `  bin/orbweaver.js results books --output=books.csv${option}`,
    `  bin/orbweaver.js get books${option}`,
    `  curl ${server}/crawler/resource/books`,
    'Ctrl-C stops everything.',
  ].join('\n');
}

async function startSite(): Promise<Site> {
  const module_ = (await import(new URL('site/server.mjs', EXAMPLES).href)) as {
    startSite: () => Promise<Site>;
  };
  return module_.startSite();
}
