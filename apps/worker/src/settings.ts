import {
  addressSettings,
  boolean,
  checkIdentity,
  checkShared,
  defineSettings,
  duration,
  etcdSettings,
  identitySettings,
  integer,
  logSettings,
  oneOf,
  path,
  registrySettings,
  size,
  table,
  text,
  traceSettings,
  type SettingsOf,
} from '@app/config';
import type { LogLimits } from '@app/crawl';
import { checkResourceName } from '@app/resources';

/** A task of the configuration file: a spec with a name. */
export interface NamedTask {
  readonly name: string;
}

export type Tasks = { readonly directory: string } | { readonly list: readonly NamedTask[] };

const directory = path('DIR');
const list = table('a list of tables, each a spec with a name', readTasks);

export const workerSettings = defineSettings({
  program: 'worker',
  summary:
    'A worker: registers itself, crawls what the leading master assigns to it, and stores what it finds.',
  settings: {
    ...identitySettings,
    ...addressSettings({ http: '127.0.0.1:11801', grpc: '127.0.0.1:11901' }),
    ...etcdSettings,
    ...registrySettings,
    cluster: {
      flag: 'cluster',
      type: boolean(),
      default: 'true',
      description:
        'false: run the tasks of --tasks, or of the file of --config, with no cluster, and end when they are done',
      group: 'Crawling',
    },
    tasks: {
      flag: 'tasks',
      type: {
        label: 'DIR',
        expected: 'the path of a directory, or in the file [[tasks]] with a name and a spec each',
        fromText: (value: string) =>
          mapped(directory.fromText(value), (found): Tasks => ({ directory: found })),
        fromToml: (value: unknown) =>
          Array.isArray(value)
            ? mapped(list.fromToml(value), (found): Tasks => ({ list: found }))
            : mapped(directory.fromToml(value), (found): Tasks => ({ directory: found })),
      },
      description:
        'Directory of tasks (NAME.yaml, .yml or .json, or modules NAME.ts, .mts, .js, .mjs, which run in the worker) ' +
        'that are crawled when one is added by name alone; in the file also [[tasks]]',
      group: 'Crawling',
    },
    allowPrivate: {
      flag: 'allow-private',
      type: boolean(),
      default: 'false',
      description:
        'Fetch from loopback, private and link-local addresses, too: for tests, and for crawls of a network of your own',
      group: 'Crawling',
    },
    chromium: {
      flag: 'chromium',
      type: path('FILE'),
      description:
        'The Chromium or Chrome that fetches the pages of tasks with `fetcher: browser`; without it, as it is found on the PATH',
      group: 'Crawling',
    },
    maxBrowserPages: {
      flag: 'max-browser-pages',
      type: integer({ min: 1, max: 64 }),
      default: '2',
      description: 'How many pages the browser has open at the same time; each takes some 100 MB',
      group: 'Crawling',
    },
    maxRunning: {
      flag: 'max-running',
      type: integer({ min: 1, max: 10_000 }),
      default: '64',
      description: 'How many tasks are crawled at the same time; the others wait in order',
      group: 'Crawling',
    },
    gateLease: {
      flag: 'gate-lease',
      type: duration({ minMs: 500, maxMs: 300_000 }),
      default: '10s',
      description:
        'How long a host stays reserved for a worker that has died; one that lives renews it three times as often',
      group: 'Crawling',
    },
    dataDir: {
      flag: 'data-dir',
      type: path('DIR'),
      default: '.orbweaver/crawl',
      description: 'Directory of what the worker stores',
      group: 'Storage',
    },
    store: {
      flag: 'store',
      type: text({
        label: 'URL',
        expected: 'sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE',
        pattern: /^(?:sqlite:(?!\/\/[^/])[^?\0]+|postgres(?:ql)?:\/\/\S+)$/i,
      }),
      description:
        'Where frontiers, politeness and results are kept: sqlite:PATH for workers of one machine, postgres://… ' +
        'for those of many; without it, sqlite:orbweaver.db in --data-dir',
      secret: true,
      group: 'Storage',
    },
    taskLogLevel: {
      flag: 'task-log-level',
      type: oneOf('debug', 'info', 'warn', 'error'),
      default: 'info',
      description: 'The least severe lines that go into the logs of tasks; debug: also one for each page',
      group: 'Storage',
    },
    taskLogLines: {
      flag: 'task-log-lines',
      type: integer({ min: 100, max: 10_000_000 }),
      default: '10000',
      description: 'How many lines of the log of a task are kept',
      group: 'Storage',
    },
    taskLogSize: {
      flag: 'task-log-size',
      type: size({ min: 64 * 1024 }),
      default: '4MiB',
      description: 'How large the log of a task may become; the oldest lines go',
      group: 'Storage',
    },
    taskLogAge: {
      flag: 'task-log-age',
      type: duration({ minMs: 60_000 }),
      default: '168h',
      description: 'How long lines of the log of a task are kept; those that are older go within hours',
      group: 'Storage',
    },
    webhookSecret: {
      flag: 'webhook-secret',
      type: text({
        label: 'SECRET[,…]',
        expected: 'whsec_ and 24 to 64 bytes in base64, or two such separated by a comma',
        pattern: /^whsec_[A-Za-z0-9+/]{32,86}={0,2}(?:,whsec_[A-Za-z0-9+/]{32,86}={0,2})?$/,
      }),
      description:
        'What webhooks are signed with (Standard Webhooks: whsec_ and base64); two, separated by a comma, while ' +
        'one replaces the other; without it they are not signed',
      secret: true,
      group: 'Crawling',
    },
    ...traceSettings,
    ...logSettings,
  },
  check: (values) => [...(values.cluster ? checkIdentity(values) : []), ...checkShared(values)],
});

export type WorkerSettings = SettingsOf<typeof workerSettings>;

/** Of the logs of tasks. */
export function logLimits(settings: WorkerSettings): LogLimits {
  return { lines: settings.taskLogLines, bytes: settings.taskLogSize, ageMs: settings.taskLogAge };
}

function readTasks(value: unknown): NamedTask[] {
  const names = new Set<string>();
  return (value as unknown[]).map((task, index) => {
    const name = (task as { name?: unknown } | null)?.name;
    if (typeof name !== 'string') throw new Error(`task ${index + 1} has no name`);
    checkResourceName(name);
    if (names.has(name)) throw new Error(`two tasks are named ${JSON.stringify(name)}`);
    names.add(name);
    return task as NamedTask;
  });
}

type Parsed<T> = { ok: true; value: T } | { ok: false; reason?: string };

function mapped<A, B>(parsed: Parsed<A>, map: (value: A) => B): Parsed<B> {
  return parsed.ok ? { ok: true, value: map(parsed.value) } : parsed;
}
