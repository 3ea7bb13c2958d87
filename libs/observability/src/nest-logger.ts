import type { LoggerService } from '@nestjs/common';
import { Logger as NestPino, PinoLogger } from 'nestjs-pino';
import { adaptedLogger, namedLogger, type Logger } from './logger.js';

/** Nest's own lines, written by the same logger under `<name>.nest`: warnings and errors, at level debug all. */
export function nestLogger(logger: Logger): LoggerService {
  const nest = adaptedLogger(namedLogger(logger, 'nest'), /nestjs-pino|common\/services\/logger/);
  nest.level = logger.isLevelEnabled('debug') ? 'debug' : 'warn';
  return new NestPino(new PinoLogger({ pinoHttp: { logger: nest } }), {});
}
