import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from '@app/observability';
import { LOGGER } from '../service/tokens.js';
import { INTERNAL, statusOf, StatusError, type Status } from './status.js';

/** What a caller is told of an error. One that nobody foresaw is logged: the caller learns nothing of it. */
@Injectable()
export class ErrorAnswers {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  answer(error: unknown): Status {
    const answer = statusOf(error);
    if (answer === INTERNAL && !(error instanceof StatusError)) {
      this.logger.error({ error }, 'unexpected error');
    }
    return answer;
  }
}
