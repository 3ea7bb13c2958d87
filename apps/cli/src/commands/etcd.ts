import { loadSettingsOrExit } from '@app/config';
import { type EmbeddedEtcd, startEmbeddedEtcd } from '@app/embedded-etcd';
import { isOrbweaverError } from '@app/errors';
import { storeSettings } from '../cluster/store-settings.js';
import { EXIT, Failure } from '../failure.js';

const MIB = 1024 * 1024;

/** `orbweaver etcd`: the embedded store, until a signal ends it. */
export async function etcd(argv: string[]): Promise<void> {
  const { listen, dataDir, memory, keepRevisions, quotaMib } = loadSettingsOrExit(storeSettings, {
    argv,
    env: process.env,
  });
  let server: EmbeddedEtcd | undefined;
  const end = async (exitCode: number): Promise<never> => {
    await server?.close();
    process.exit(exitCode);
  };
  const onError = (error: unknown): void => {
    process.stderr.write(`${logLine('ERROR', 'the store has failed', { error: String(error) })}\n`);
    // It answers nothing any more; whoever started it can start it again, and loses nothing that was acknowledged.
    process.exit(EXIT.failed);
  };
  server = await startEmbeddedEtcd({
    listen: listen.text,
    ...(memory ? { memory } : { dataDir }),
    keepRevisions,
    quotaBytes: quotaMib * MIB,
    onError,
  }).catch((error: unknown) => {
    throw isOrbweaverError(error) ? new Failure(EXIT.failed, error.message, { cause: error }) : error;
  });
  // Once to end in order, twice to end at once.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(EXIT.ok));
  const kept = memory ? { memory } : { dataDir };
  process.stdout.write(`${logLine('INFO', 'ready', { endpoint: server.endpoint, ...kept })}\n`);
}

function logLine(level: string, msg: string, fields: Record<string, unknown>): string {
  return JSON.stringify({ level, ts: new Date().toISOString(), logger: 'etcd', msg, ...fields });
}
