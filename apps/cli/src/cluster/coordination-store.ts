import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EXIT, Failure } from '../failure.js';
import { Child } from './child.js';
import { parseLine } from './log-line.js';

/** Where the cluster keeps who is alive, who leads and who does what: anything that speaks etcd's gRPC API. */
export interface CoordinationStore {
  /** For a person: what it is and where. */
  readonly description: string;
  readonly endpoints: readonly string[];
  /** The process that was started for it; none where one was given. */
  readonly child?: Child;
}

export interface StoreOptions {
  /** An etcd that runs already; it is neither started nor stopped. */
  readonly endpoints: readonly string[] | undefined;
  readonly dataDir: string;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

const START_MS = 20_000;
const LINGER_MS = 2_000;
const ORBWEAVER = fileURLToPath(new URL('../main.js', import.meta.url));

export async function startStore(options: StoreOptions): Promise<CoordinationStore> {
  if (options.endpoints !== undefined) {
    return { description: `etcd at ${options.endpoints.join(', ')}`, endpoints: options.endpoints };
  }
  return startEmbedded(options);
}

/** The embedded store, on a loopback port that was free, in a process of its own. */
async function startEmbedded({ dataDir, logFile, signal }: StoreOptions): Promise<CoordinationStore> {
  let announce: (endpoint: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (announce = resolve));
  const child = Child.spawn({
    name: 'etcd',
    program: ORBWEAVER,
    argv: ['etcd', '--listen=127.0.0.1:0', `--data-dir=${dataDir}`],
    logFile,
    lingerMs: LINGER_MS,
    onLine: (line) => {
      const { msg, endpoint } = parseLine(line) ?? {};
      if (msg === 'ready' && typeof endpoint === 'string') announce(endpoint);
    },
  });
  const settled = new AbortController();
  const late = delay(START_MS, 'late' as const, { signal: AbortSignal.any([signal, settled.signal]) });
  try {
    const first = await Promise.race([ready, late, child.ended.then(() => 'ended' as const)]);
    if (first === 'late' || first === 'ended') {
      const what = first === 'late' ? `is not ready after ${START_MS / 1000} s` : 'ended at its start';
      throw new Failure(EXIT.failed, `The store ${what}. Its last words:\n${child.lastLines.join('\n')}`);
    }
    return { description: `embedded, at ${first}, kept in ${dataDir}`, endpoints: [first], child };
  } catch (error) {
    child.kill();
    await child.ended;
    throw error;
  } finally {
    settled.abort();
    late.catch(() => undefined);
  }
}
