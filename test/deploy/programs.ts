import { masterSettings } from '../../apps/master/src/settings.js';
import { workerSettings } from '../../apps/worker/src/settings.js';
import { environmentName, loadSettings, type ListenAddress } from '@app/config';

/** What a container would run, as the program itself reads it. */
export interface ReadProgram {
  name: 'master' | 'worker';
  http: ListenAddress;
  grpc: ListenAddress;
  pprof: ListenAddress | undefined;
  advertise: string | undefined;
  /** Values by their names in the program's settings. */
  values: Readonly<Record<string, unknown>>;
}

/** What a process may take from SIGTERM to its end. */
export const SHUTDOWN_SECONDS = 10;

/**
 * Reads a container's arguments and environment exactly as the program would. Throws with every fault: a flag
 * that does not exist, a value that does not parse, a file with an unknown key, a variable that nobody reads.
 */
export function readProgram(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadProgram {
  const [name, ...argv] = args;
  if (name !== 'master' && name !== 'worker') throw new Error(`there is no program ${name}`);
  const { settings } = name === 'master' ? masterSettings : workerSettings;
  const known = new Set(['ORBWEAVER_CONFIG', ...Object.values(settings).map(environmentName)]);
  const unread = Object.keys(env).filter((key) => key.startsWith('ORBWEAVER_') && !known.has(key));
  if (unread.length > 0) throw new Error(`${name} reads no ${unread.join(', ')}`);

  const sources = { argv, env };
  const loaded =
    name === 'master' ? loadSettings(masterSettings, sources) : loadSettings(workerSettings, sources);
  if (loaded.kind !== 'settings') throw new Error(`${name} would not start: ${JSON.stringify(loaded)}`);
  const { http, grpc, pprof, advertise } = loaded.values;
  return { name, http, grpc, pprof, advertise, values: loaded.values };
}

/** Loopback alone is out of reach for probes and for other pods. */
export function isReachable({ host }: ListenAddress): boolean {
  return ['', '0.0.0.0', '::'].includes(host);
}
