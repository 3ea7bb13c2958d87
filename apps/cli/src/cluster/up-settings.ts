import {
  type SettingMap,
  type SettingsOf,
  boolean,
  defineSettings,
  duration,
  etcdSettings,
  integer,
  logSettings,
  path,
  registrySettings,
  text,
} from '@app/config';
import type { PortPlan } from './ports.js';

/** What shapes a local cluster. */
const clusterSettings = {
  masters: {
    flag: 'masters',
    type: integer({ min: 1, max: 15 }),
    default: '3',
    description: 'How many masters',
    group: 'Cluster',
  },
  workers: {
    flag: 'workers',
    type: integer({ min: 0, max: 50 }),
    default: '2',
    description: 'How many workers',
    group: 'Cluster',
  },
  ports: {
    flag: 'ports',
    type: text({
      label: 'auto|free|PORT',
      expected: 'auto, free, or a port of 1024 to 65000 to count up from',
      pattern: /^(?:auto|free|102[4-9]|10[3-9]\d|1[1-9]\d\d|[2-9]\d{3}|[1-5]\d{4}|6[0-4]\d{3}|65000)$/,
    }),
    default: 'auto',
    description:
      'auto: the usual ports (masters from 8081, 9091, 9981; workers from 11801, 11901, 11001) where they are free, ' +
      'else any; free: any free ones; PORT: three for each process, counted up from there',
    group: 'Cluster',
  },
  startTimeoutMs: {
    flag: 'start-timeout',
    type: duration({ minMs: 1_000 }),
    default: '60s',
    description: 'How long a process may take until it serves',
    group: 'Cluster',
  },
  tasks: {
    flag: 'tasks',
    type: path('DIR'),
    description:
      'Directory of tasks (YAML, JSON, TypeScript) that the workers run when one is added by name alone',
    group: 'Cluster',
  },
  allowPrivate: {
    flag: 'allow-private',
    type: boolean(),
    default: 'false',
    description: 'Let the workers fetch from loopback, private and link-local addresses, too',
    group: 'Cluster',
  },
  store: {
    flag: 'store',
    type: text({
      label: 'URL',
      expected: 'sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE',
      pattern: /^(?:sqlite:(?!\/\/[^/])[^?\0]+|postgres(?:ql)?:\/\/\S+)$/i,
    }),
    description: 'Where the workers keep frontiers and results; without it, SQLite in --data-dir',
    secret: true,
    group: 'Cluster',
  },
  quiet: {
    flag: 'quiet',
    type: boolean(),
    default: 'false',
    description: 'Do not show what the processes log; it is in the log files either way',
    group: 'Output',
  },
  ...logSettings,
  ...etcdSettings,
  etcd: {
    flag: 'etcd',
    type: etcdSettings.etcd.type,
    description: 'An etcd that runs already; without it one is started for this cluster',
    group: 'etcd',
  },
  ...registrySettings,
  registerTtlMs: { ...registrySettings.registerTtlMs, default: '10s' },
  registerIntervalMs: { ...registrySettings.registerIntervalMs, default: '3s' },
} as const satisfies SettingMap;

export const upSettings = defineSettings({
  program: 'up',
  summary:
    'Starts a whole cluster on this machine and keeps it running until Ctrl-C: a coordination store, masters and ' +
    'workers, each a process of its own. What it stores stays in the data directory for the next start.',
  settings: {
    ...clusterSettings,
    dataDir: {
      flag: 'data-dir',
      type: path('DIR'),
      default: '.orbweaver',
      description: 'Where the store, the log files and what is crawled are kept',
      group: 'Cluster',
    },
  },
});

export const demoSettings = defineSettings({
  program: 'demo',
  summary:
    'Starts a cluster on this machine and a small sample site, crawls the site and shows what was found. The cluster ' +
    'keeps running until Ctrl-C. Each demo starts from nothing.',
  usage: 'orbweaver demo [--once] [--flag=value …]   (npm start -- [--once] …)',
  settings: {
    once: {
      flag: 'once',
      type: boolean(),
      default: 'false',
      description: 'End when the sample crawl is done: with code 0, or with 1 and the reason when it failed',
      group: 'Demo',
    },
    deadlineMs: {
      flag: 'deadline',
      type: duration({ minMs: 1_000 }),
      default: '60s',
      description: 'How long the sample crawl may take',
      group: 'Demo',
    },
    ...clusterSettings,
    dataDir: {
      flag: 'data-dir',
      type: path('DIR'),
      default: '.orbweaver/demo',
      description: 'Where the store, the log files and what is crawled are kept; emptied at each start',
      group: 'Cluster',
    },
    // The sample site is on loopback.
    allowPrivate: { ...clusterSettings.allowPrivate, default: 'true' },
    quiet: { ...clusterSettings.quiet, default: 'true' },
  },
});

export type ClusterSettings = SettingsOf<typeof upSettings>;

export function portPlan(ports: string): PortPlan {
  return ports === 'auto' || ports === 'free' ? ports : Number(ports);
}
