import { on } from 'node:events';
import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOrbweaverError } from '@app/errors';
import { BrowserFetcher, HttpFetcher } from '@app/fetch';
import { DirectSource, type FetchedPage, fetchPage, lookAtPage, pageOf, type PageSource } from '@app/preview';
import type { JsonValue, TaskSpec } from '@app/tasks';
import type { Client } from './client.js';
import { EXIT, Failure } from '../failure.js';
import { sentence } from '../api/master-api.js';
import { TaskFile } from '../try/try-file.js';
import { view } from '../try/view.js';

export interface TryOptions {
  rule?: string;
  carry: Record<string, JsonValue>;
  watch?: boolean;
}

type TryClient = Pick<Client, 'output' | 'streams'>;

/** Runs a task on one page, here and now, without a cluster: the loop in which tasks are written. */
export async function tryTask(
  client: TryClient,
  file: string,
  url: string | undefined,
  options: TryOptions,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  // Whoever tries a task on a machine may reach what that machine reaches.
  const allowPrivate = true;
  const fetchers = {
    http: new HttpFetcher({ allowPrivate }),
    browser: new BrowserFetcher({ allowPrivate, chromium: process.env['ORBWEAVER_CHROMIUM'] }),
  };
  const attempt = new Attempt(client, new TaskFile(file), new DirectSource(fetchers), stop.signal);
  try {
    if (options.watch === true) await again(client, file, () => attempt.run(url, options), stop.signal);
    else if (!(await attempt.run(url, options)))
      throw new Failure(EXIT.failed, 'A crawl would fail this page.');
  } finally {
    process.off('SIGINT', onSignal);
    await Promise.all([fetchers.http.close(), fetchers.browser.close()]);
  }
}

class Attempt {
  /** While only the reading of the page is changed, its host is left in peace. */
  #last: { by: string; page: FetchedPage } | undefined;

  constructor(
    private readonly client: TryClient,
    private readonly file: TaskFile,
    private readonly source: PageSource,
    private readonly signal: AbortSignal,
  ) {}

  /** Whether the page went well. */
  async run(url: string | undefined, { rule, carry }: TryOptions): Promise<boolean> {
    const { output, streams } = this.client;
    const { spec, parsers } = await this.file.read(streams.stdin);
    const target = targetOf(spec, url, rule);
    const page = await this.#fetch(spec, target.url);
    const look =
      page.content &&
      (await lookAtPage(spec, { ...page.content, rule: target.rule, depth: 0, carried: carry }, parsers));
    const { content, ...facts } = page;
    const answer = {
      ...facts,
      contentType: content?.contentType,
      bytes: content?.body.length,
      ...look,
    };
    await output.show(answer, (colours) => view(page, look, spec, colours));
    return look !== undefined && look.error === '';
  }

  async #fetch(spec: TaskSpec, url: string): Promise<FetchedPage> {
    const { rules: _, root: __, schedule: ___, webhooks: ____, ...settings } = spec;
    const by = JSON.stringify([url, settings]);
    if (this.#last?.by !== by)
      this.#last = { by, page: await fetchPage(spec, url, this.source, this.signal) };
    return this.#last.page;
  }
}

function targetOf(spec: TaskSpec, url: string | undefined, rule: string | undefined) {
  try {
    return pageOf(spec, url, rule);
  } catch (error) {
    if (!isOrbweaverError(error)) throw error;
    throw new Failure(EXIT.usage, sentence(error.message), { cause: error });
  }
}

const SETTLE_MS = 50;
const CLEAR = '\u001B[2J\u001B[H';

/** Once now, and once after each change of the file, until the signal fires. */
async function again(
  { streams, output }: TryClient,
  file: string,
  attempt: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const tell = async (): Promise<void> => {
    if (streams.stdout.isTTY === true) streams.stdout.write(CLEAR);
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      streams.stderr.write(`${error.message}\n`);
    }
    if (!signal.aborted) output.remark(`\nWaiting for changes of ${basename(file)} (Ctrl-C ends it).`);
  };
  // Editors replace files: the directory is watched. What is changed during the first try counts too.
  const changes = changesIn(dirname(file), signal);
  try {
    await tell();
    for await (const [, filename] of changes) {
      if (filename !== null && !isSource(filename)) continue;
      await delay(SETTLE_MS, undefined, { signal });
      await tell();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function changesIn(directory: string, signal: AbortSignal): AsyncIterable<[string, string | null]> {
  try {
    const changes = on(watch(directory, { signal }), 'change', { signal });
    return changes as AsyncIterable<[string, string | null]>;
  } catch (error) {
    throw new Failure(EXIT.usage, `Cannot watch ${directory}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** A module may import what stands beside it. */
function isSource(filename: string): boolean {
  return /\.(?:ya?ml|json|[mc]?[jt]s)$/.test(filename);
}
