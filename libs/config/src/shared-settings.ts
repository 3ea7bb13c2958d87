import { address, duration, endpoints, listenAddress, oneOf, path, share, text, url } from './types.js';
import type { SettingMap } from './settings.js';

/** Settings that masters and workers have in common; each program spreads them into its own schema. */

export const identitySettings = {
  id: {
    flag: 'id',
    type: text({
      label: 'ID',
      expected: 'letters, digits, "." and "_" only ("-" and "|" separate fields in the registry)',
      pattern: /^[A-Za-z0-9._]{1,128}$/,
    }),
    description: 'Identity in the cluster, unique among its kind; without it, derived from --podip',
    group: 'Identity',
  },
  podIp: {
    flag: 'podip',
    type: text({
      label: 'IPV4',
      expected: 'an IPv4 address such as 10.156.157.194',
      pattern: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/,
    }),
    description: "A pod's IPv4 address, whose 32-bit value is the id when --id is absent",
    group: 'Identity',
  },
} as const satisfies SettingMap;

/** Addresses; the ports are the caller's, since they differ by program. */
export function addressSettings<const H extends string, const G extends string>(defaults: {
  http: H;
  grpc: G;
}) {
  return {
    http: {
      flag: 'http',
      type: listenAddress(),
      default: defaults.http,
      description: 'Where REST, health and metrics are served; port 0 takes a free one',
      group: 'Addresses',
    },
    grpc: {
      flag: 'grpc',
      type: listenAddress(),
      default: defaults.grpc,
      description: 'Where gRPC is served; port 0 takes a free one',
      group: 'Addresses',
    },
    pprof: {
      flag: 'pprof',
      type: listenAddress(),
      description: 'Where CPU and heap profiles are served; without it they are not served',
      group: 'Addresses',
    },
    advertise: {
      flag: 'advertise',
      type: address(),
      description: 'The gRPC address that others are told to dial; without it, found from --grpc',
      group: 'Addresses',
    },
  } as const satisfies SettingMap;
}

export const etcdSettings = {
  etcd: {
    flag: 'etcd',
    type: endpoints(),
    default: '127.0.0.1:2379',
    description: 'The etcd members',
    group: 'etcd',
  },
  etcdCa: {
    flag: 'etcd-ca',
    type: path('FILE'),
    description: 'PEM file of the authority that signed the certificates of etcd; turns TLS on',
    group: 'etcd',
  },
  etcdCert: {
    flag: 'etcd-cert',
    type: path('FILE'),
    description: 'PEM file of the client certificate, together with --etcd-key',
    group: 'etcd',
  },
  etcdKey: {
    flag: 'etcd-key',
    type: path('FILE'),
    description: 'PEM file of the key of the client certificate',
    group: 'etcd',
  },
  etcdUser: {
    flag: 'etcd-user',
    type: text({ label: 'NAME', expected: 'a user name', pattern: /^[^\s:]+$/ }),
    description: 'User of etcd, together with --etcd-password',
    group: 'etcd',
  },
  etcdPassword: {
    flag: 'etcd-password',
    type: text({ label: 'PASSWORD', expected: 'a password', pattern: /^.+$/s }),
    description: 'Password of that user',
    secret: true,
    group: 'etcd',
  },
} as const satisfies SettingMap;

export const registrySettings = {
  registerTtlMs: {
    flag: 'register-ttl',
    type: duration({ minMs: 1_000, maxMs: 3_600_000 }),
    default: '60s',
    description: 'How long a registration outlives a process that died; within it the others notice',
    group: 'Registry',
  },
  registerIntervalMs: {
    flag: 'register-interval',
    type: duration({ minMs: 100, maxMs: 1_800_000 }),
    default: '15s',
    description: 'How often the registration is renewed; at most half of --register-ttl',
    group: 'Registry',
  },
} as const satisfies SettingMap;

export const logSettings = {
  logLevel: {
    flag: 'log-level',
    type: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    description: 'The least severe lines that are logged',
    group: 'General',
  },
} as const satisfies SettingMap;

export const traceSettings = {
  otlpEndpoint: {
    flag: 'otlp-endpoint',
    type: url(['http', 'https']),
    description:
      'Base address of an OpenTelemetry collector (OTLP over HTTP, as http://collector:4318) that traces are ' +
      'delivered to; without it that of OTEL_EXPORTER_OTLP_ENDPOINT, and without that there are none',
    group: 'Traces',
  },
  traceRatio: {
    flag: 'trace-ratio',
    type: share(),
    default: '1',
    description:
      'How many of the traces that begin here are recorded; a caller that traces decides for its own',
    group: 'Traces',
  },
} as const satisfies SettingMap;

/** What must hold between the shared settings. */
export function checkShared(values: {
  readonly registerTtlMs: number;
  readonly registerIntervalMs: number;
  readonly etcdCert: string | undefined;
  readonly etcdKey: string | undefined;
  readonly etcdUser: string | undefined;
  readonly etcdPassword: string | undefined;
}): string[] {
  const faults: string[] = [];
  if (values.registerIntervalMs * 2 > values.registerTtlMs) {
    faults.push(
      '--register-interval must be at most half of --register-ttl, so that one lost renewal is no loss',
    );
  }
  if ((values.etcdCert === undefined) !== (values.etcdKey === undefined)) {
    faults.push('--etcd-cert and --etcd-key only go together');
  }
  if ((values.etcdUser === undefined) !== (values.etcdPassword === undefined)) {
    faults.push('--etcd-user and --etcd-password only go together');
  }
  return faults;
}

/** An identity must come from somewhere. */
export function checkIdentity(values: {
  readonly id: string | undefined;
  readonly podIp: string | undefined;
}): string[] {
  return values.id === undefined && values.podIp === undefined
    ? ['--id is required (letters, digits, "." and "_"), or --podip to derive it from']
    : [];
}
