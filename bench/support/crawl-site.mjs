// A local site to crawl, served by nginx: so many pages of 10 kB with 30 links each.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from './processes.mjs';

const LINKS = 30;
const BYTES = 10_000;
const WORDS =
  'lorem ipsum dolor sit amet consetetur sadipscing elitr sed diam nonumy eirmod tempor ut labore et dolore'.split(
    ' ',
  );

export class CrawlSite {
  #directory = mkdtempSync(join(tmpdir(), 'orbweaver-bench-site-'));
  #nginx;

  /** Why there cannot be one here; undefined when there can. */
  static missing() {
    const has = () => spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
    if (has()) return undefined;
    spawnSync('apt-get', ['install', '-y', '-q', 'nginx-light'], { stdio: 'ignore', timeout: 120_000 });
    return has() ? undefined : 'no nginx here, and apt-get cannot install it';
  }

  async start(pageCount) {
    const pages = join(this.#directory, 'pages');
    mkdirSync(pages);
    for (let page = 0; page < pageCount; page++)
      writeFileSync(join(pages, `${page}.html`), html(page, pageCount));
    const port = await freePort();
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${join(this.#directory, kind)};`)
      .join(' ');
    const config = join(this.#directory, 'nginx.conf');
    writeFileSync(
      config,
      `${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; daemon off; error_log stderr crit;
pid ${join(this.#directory, 'nginx.pid')}; events { worker_connections 1024; }
http { access_log off; types { text/html html; } keepalive_requests 1000000000; ${temporary}
server { listen 127.0.0.1:${port}; root ${pages}; } }`,
    );
    this.#nginx = spawn('nginx', ['-c', config, '-p', this.#directory], { stdio: 'ignore' });
    this.seed = `http://127.0.0.1:${port}/0.html`;
    await until(async () => (await fetch(this.seed)).ok, 10_000, 'nginx answers');
  }

  async stop() {
    if (this.#nginx?.exitCode === null) {
      this.#nginx.kill('SIGTERM');
      await once(this.#nginx, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The first three links make a tree of all pages, the others lead anywhere. */
export function html(page, pageCount) {
  const random = generator(page);
  const links = Array.from({ length: LINKS }, (_, index) => {
    const to = index < 3 ? (3 * page + 1 + index) % pageCount : Math.floor(random() * pageCount);
    return `<li><a href="/${to}.html">Page ${to}</a></li>`;
  });
  let text = `<!doctype html><html><head><meta charset="utf-8"><title>Book ${page}</title></head><body>
<h1>Book ${page}</h1><p class="author">Author ${page % 100}</p><span class="price">${(page % 50) + 0.99}</span>
<ul>${links.join('\n')}</ul>\n`;
  while (text.length < BYTES - 100) {
    text += `<p>${Array.from({ length: 12 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')}</p>\n`;
  }
  return `${text}</body></html>`;
}

/** The same numbers for the same page each time. */
function generator(seed) {
  let state = (seed + 1) * 2_654_435_761;
  return () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
}
