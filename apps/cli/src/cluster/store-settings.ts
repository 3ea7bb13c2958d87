import { type SettingMap, boolean, defineSettings, integer, listenAddress, path } from '@app/config';

const settings = {
  listen: {
    flag: 'listen',
    type: listenAddress(),
    default: '127.0.0.1:2379',
    description:
      'Where to serve. There is no authentication: an address that others can reach gives them everything in it',
  },
  dataDir: {
    flag: 'data-dir',
    type: path('DIR'),
    description: 'Where the store is kept',
  },
  memory: {
    flag: 'memory',
    type: boolean(),
    default: 'false',
    description: 'Keep nothing: the store ends with the process',
  },
  keepRevisions: {
    flag: 'keep-revisions',
    type: integer({ min: 0 }),
    default: '100000',
    description: 'How many revisions stay to be read and watched; 0 keeps all until a client compacts',
  },
  quotaMib: {
    flag: 'quota-mib',
    type: integer({ min: 1 }),
    default: '1024',
    description: 'Size of the store in MiB beyond which it takes no more',
  },
} as const satisfies SettingMap;

export const storeSettings = defineSettings({
  program: 'etcd',
  summary:
    "Serves etcd's API (KV, Watch, Lease) from this one process, for development and tests on one machine. What has " +
    'to survive a machine belongs into an etcd cluster; both speak the same protocol.',
  settings,
  check: ({ dataDir, memory }) =>
    (dataDir === undefined) === memory ? [] : ['give either --data-dir=DIR or --memory, and not both'],
});
