export { defineSettings, environmentName } from './settings.js';
export type { Setting, SettingMap, SettingValues, SettingsOf, SettingsSchema } from './settings.js';
export { loadSettings, loadSettingsOrExit } from './load-settings.js';
export type { Loaded, Sources } from './load-settings.js';
export {
  address,
  boolean,
  duration,
  endpoints,
  integer,
  listenAddress,
  oneOf,
  path,
  size,
  table,
  text,
  url,
} from './types.js';
export type { ListenAddress } from './address.js';
export { formatDuration, parseDuration } from './duration.js';
export { nearest } from './nearest.js';
export { renderFaults } from './faults.js';
export type { Fault } from './faults.js';
export { renderHelp } from './help.js';
export { renderReference } from './reference.js';
export { productVersion } from './version.js';
export {
  addressSettings,
  checkIdentity,
  checkShared,
  etcdSettings,
  identitySettings,
  logSettings,
  registrySettings,
  traceSettings,
} from './shared-settings.js';
export { etcdAccess } from './etcd-access.js';
