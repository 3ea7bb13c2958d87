import type { LoggerService } from '@nestjs/common';
import { adaptedLogger, namedLogger, type Logger } from './logger.js';

/**
 * Nest's own lines, written by the same logger under `<name>.nest`: warnings and errors, at level debug all.
 * Not by nestjs-pino, which keeps one logger for the whole process in a static field.
 */
export function nestLogger(logger: Logger): LoggerService {
  const nest = adaptedLogger(namedLogger(logger, 'nest'), /nest-logger\.|common\/services\/logger/);
  const write =
    (level: 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]): void => {
      // Nest calls with (message, …, context), and errors with (message or error, stack, context).
      const context = rest.at(-1);
      const detail = rest.slice(0, -1);
      const fields = {
        ...(context === undefined ? {} : { context }),
        ...(detail.length === 0 ? {} : { detail }),
        ...(message instanceof Error ? { error: message } : {}),
      };
      nest[level](fields, message instanceof Error ? message.message : String(message));
    };
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}
