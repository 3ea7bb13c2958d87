import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CrawlSite } from '../support/crawl-site.mjs';
import { median } from '../support/load.mjs';
import { Postgres } from '../support/postgres.mjs';

const PAGES = 20_000;
const CRAWLEE_PAGES = 3_000;
const ROUNDS = 3;

/**
 * The same site crawled by our engine with all that it does (durable frontier, robots.txt, gates, three fields, all
 * links) and by others with what they do: each a process of its own, in turns.
 */
export async function crawl() {
  const missing = CrawlSite.missing();
  if (missing !== undefined) return [['Crawl of a local site', '', `skipped: ${missing}`, '']];
  const directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-crawl-'));
  const site = new CrawlSite();
  const noPostgres = Postgres.missing();
  const postgres = noPostgres === undefined ? new Postgres() : undefined;
  try {
    await site.start(PAGES);
    await postgres?.start();
    const noCrawlee = installCrawlee(directory);
    let files = 0;
    const crawlers = {
      bare: () => run('bare'),
      sqlite: () => run('orbweaver', `sqlite:${join(directory, `${++files}.db`)}`),
      postgres: noPostgres ? undefined : async () => run('orbweaver', await postgres.createDatabase()),
      crawlee: noCrawlee ? undefined : () => run('crawlee', directory, CRAWLEE_PAGES),
    };
    const run = async (name, ...rest) => {
      const result = await runCrawler(name, site.seed, ...rest);
      const expected = name === 'crawlee' ? CRAWLEE_PAGES : PAGES;
      if (result.pages < expected || result.items < expected)
        throw new Error(`${name}: ${JSON.stringify(result)}`);
      return result;
    };
    const results = { bare: [], sqlite: [], postgres: [], crawlee: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, once] of Object.entries(crawlers)) if (once) results[name].push(await once());
    }
    return rows(results, { postgres: noPostgres, crawlee: noCrawlee });
  } finally {
    await site.stop();
    await postgres?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function rows(results, skipped) {
  const rates = Object.fromEntries(
    Object.entries(results).map(([name, all]) => [name, all.map(({ pages, ms }) => (pages * 1_000) / ms)]),
  );
  const ratio = (name, to) => median(rates[name].map((rate, round) => rate / rates[to][round])).toFixed(2);
  const row = (name, what, compared, aim) => {
    if (skipped[name]) return [what, '', `skipped: ${skipped[name]}`, aim];
    const memory = `${Math.round(median(results[name].map(({ rssKb }) => rssKb)) / 1_024)} MiB at the peak`;
    return [
      what,
      `${Math.round(median(rates[name])).toLocaleString('en')} pages/s`,
      [...compared, memory].join('; '),
      aim,
    ];
  };
  const toBare = `${ratio('sqlite', 'bare')} of bare`;
  const toCrawlee = skipped.crawlee ? [] : [`${ratio('sqlite', 'crawlee')} of Crawlee`];
  const toSqlite = skipped.postgres ? [] : [`${ratio('postgres', 'sqlite')} of SQLite`];
  return [
    row('bare', 'Bare loop of undici and htmlparser2, nothing stored', [], ''),
    row(
      'sqlite',
      'Orbweaver, on SQLite',
      [toBare, ...toCrawlee],
      '≥ 0.5 of bare, ≥ 10 of Crawlee, < 250 MiB',
    ),
    row('postgres', 'Orbweaver, on PostgreSQL', toSqlite, '≥ 0.7 of SQLite'),
    row(
      'crawlee',
      `Crawlee's CheerioCrawler, ${CRAWLEE_PAGES.toLocaleString('en')} of the pages, in memory`,
      [],
      '',
    ),
  ];
}

async function runCrawler(name, ...args) {
  const program = fileURLToPath(new URL(`../support/crawlers/${name}.mjs`, import.meta.url));
  // As in the image.
  const child = spawn(process.execPath, ['--max-semi-space-size=32', program, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: tmpdir(),
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  await once(child, 'close');
  return JSON.parse(text.trim().split('\n').at(-1));
}

/** Into the directory; gives the reason when it cannot be had. */
function installCrawlee(directory) {
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '@crawlee/cheerio'];
  const { status } = spawnSync('npm', install, { cwd: directory, stdio: 'ignore', timeout: 180_000 });
  return status === 0 ? undefined : 'it could not be installed';
}
