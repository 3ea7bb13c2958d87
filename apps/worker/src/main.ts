import { loadSettingsOrExit } from '@app/config';
import { createLogger, type Logger } from '@app/observability';
import { workerSettings, type WorkerSettings } from './settings.js';

const settings = loadSettingsOrExit(workerSettings);
const logger = createLogger({ name: 'worker', level: settings.logLevel });
try {
  process.exitCode = await run(settings, logger);
} catch (error) {
  logger.fatal({ error }, 'the worker cannot start');
  process.exitCode = 1;
}

/** Loads only what that way of running needs: a fault of the settings is told at once. */
async function run(settings: WorkerSettings, logger: Logger): Promise<number> {
  if (settings.cluster) {
    const { runInCluster } = await import('./run-in-cluster.js');
    return runInCluster(settings, logger);
  }
  const { runStandalone } = await import('./standalone/run-standalone.js');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(signal));
  return runStandalone(settings, logger, stop.signal);
}
