import {
  addressSettings,
  checkIdentity,
  checkShared,
  defineSettings,
  duration,
  etcdSettings,
  identitySettings,
  integer,
  logSettings,
  registrySettings,
  text,
  traceSettings,
  type SettingsOf,
} from '@app/config';

export const masterSettings = defineSettings({
  program: 'master',
  summary:
    'A master: takes resources over REST and gRPC; one of all masters leads and assigns them to workers.',
  settings: {
    ...identitySettings,
    ...addressSettings({ http: '127.0.0.1:8081', grpc: '127.0.0.1:9091' }),
    ...etcdSettings,
    ...registrySettings,
    electionTtlMs: {
      flag: 'election-ttl',
      type: duration({ minMs: 1_000, maxMs: 300_000 }),
      default: '5s',
      description: 'How long a leader that died is waited for before another leads',
      group: 'Leadership',
    },
    electionPrefix: {
      flag: 'election-prefix',
      type: text({
        label: 'KEY',
        expected: 'a key such as /resources/election, without a slash at its end',
        pattern: /^\/(?:[^/\s]+\/)*[^/\s]+$/,
      }),
      default: '/resources/election',
      description: 'Where in etcd the masters elect; the same for all of a cluster',
      group: 'Leadership',
    },
    leaderWaitMs: {
      flag: 'leader-wait',
      type: duration({ minMs: 0, maxMs: 300_000 }),
      description:
        'How long a call waits for a leader while there is none, never beyond its own deadline; without it, 3 s longer than --election-ttl',
      group: 'Leadership',
    },
    requestTimeoutMs: {
      flag: 'request-timeout',
      type: duration({ minMs: 100, maxMs: 600_000 }),
      default: '15s',
      description: 'Deadline of a call that is forwarded to the leader, when the caller has set none',
      group: 'Leadership',
    },
    workerGraceMs: {
      flag: 'worker-grace',
      type: duration({ minMs: 0, maxMs: 600_000 }),
      default: '300ms',
      description: 'How long a worker may be gone from the registry before its resources move',
      group: 'Assignment',
    },
    rebalanceMoves: {
      flag: 'rebalance-moves',
      type: integer({ min: 1, max: 100_000 }),
      default: '200',
      description: 'Resources that one step moves towards a worker that joined, or off one that drains',
      group: 'Assignment',
    },
    rebalanceIntervalMs: {
      flag: 'rebalance-interval',
      type: duration({ minMs: 10, maxMs: 600_000 }),
      default: '250ms',
      description: 'Time between two such steps',
      group: 'Assignment',
    },
    ...traceSettings,
    ...logSettings,
  },
  check: (values) => [...checkIdentity(values), ...checkShared(values)],
});

export type MasterSettings = SettingsOf<typeof masterSettings>;
