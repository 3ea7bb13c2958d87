import type { EtcdOptions } from '@app/etcd';
import type { WorkerSettings } from './settings.js';

export function etcdOptions(settings: WorkerSettings): EtcdOptions {
  const { etcd, etcdCa, etcdCert, etcdKey, etcdUser, etcdPassword } = settings;
  const tls = etcdCa !== undefined || etcdCert !== undefined;
  return {
    endpoints: [...etcd],
    ...(tls && {
      tls: {
        ...(etcdCa !== undefined && { caFile: etcdCa }),
        ...(etcdCert !== undefined && etcdKey !== undefined && { certFile: etcdCert, keyFile: etcdKey }),
      },
    }),
    ...(etcdUser !== undefined &&
      etcdPassword !== undefined && { auth: { username: etcdUser, password: etcdPassword } }),
  };
}
