import { adaptedLogger, namedLogger, type Logger } from './logger.js';

/** The logger for Nest's own lines, under `<name>.nest`: warnings and errors, at level debug all. */
export function nestLines(logger: Logger): Logger {
  const nest = adaptedLogger(namedLogger(logger, 'nest'), /nestjs-pino|common\/services\/logger/);
  if (nest.level === 'info') {
    nest.level = 'warn';
  }
  return nest;
}
