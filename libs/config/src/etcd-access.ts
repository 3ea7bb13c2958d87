import type { etcdSettings } from './shared-settings.js';
import type { SettingValues } from './settings.js';

/** How to reach etcd and who we are there, as its client takes it. */
export function etcdAccess(settings: SettingValues<typeof etcdSettings>): EtcdAccess {
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

interface EtcdAccess {
  endpoints: string[];
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  auth?: { username: string; password: string };
}
