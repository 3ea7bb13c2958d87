import { Inject, Injectable } from '@nestjs/common';
import { status } from '@grpc/grpc-js';
import { Metrics, pinnedLogger, type Logger } from '@app/observability';
import { LOGGER, SERVICE_NAME } from '../service/tokens.js';
import { loggedFields } from './logged-fields.js';
import type { Rpc } from './rpc.js';
import { serverSpanEnd } from './server-span.js';

/** The contract's line for every request, on the node that receives it, the request metrics, and the end of its span. */
@Injectable()
export class RequestLog {
  private readonly logger: Logger;
  private readonly requests;
  private readonly seconds;
  private readonly streams;

  constructor(
    @Inject(LOGGER) logger: Logger,
    @Inject(SERVICE_NAME) private readonly service: string,
    metrics: Metrics,
  ) {
    this.logger = pinnedLogger(logger);
    this.requests = metrics.counter('orbweaver_requests_total', 'Requests answered.', [
      'method',
      'transport',
      'code',
    ]);
    this.seconds = metrics.histogram('orbweaver_request_duration_seconds', 'From receipt to answer.', [
      'method',
      'transport',
    ]);
    this.streams = metrics.gauge(
      'orbweaver_open_streams',
      'Calls under way whose answer is a stream: live lists of consoles, logs that are followed, files.',
      ['method', 'transport'],
    );
  }

  /** Returns what to call with the gRPC status code of the answer. */
  received(rpc: Rpc, request: unknown, transport: 'grpc' | 'rest'): (code: status) => void {
    if (this.logger.isLevelEnabled('info')) {
      const param = loggedFields(rpc.input, request);
      this.logger.info(
        { method: rpc.name, Service: this.service, 'request param:': param },
        'receive request',
      );
    }
    const endSpan = serverSpanEnd(transport);
    const isStream = rpc.definition.responseStream;
    if (isStream) this.streams.inc({ method: rpc.name, transport });
    const startedAt = performance.now();
    return (code) => {
      endSpan(code);
      if (isStream) this.streams.dec({ method: rpc.name, transport });
      this.requests.inc({ method: rpc.name, transport, code: status[code] });
      this.seconds.observe({ method: rpc.name, transport }, (performance.now() - startedAt) / 1000);
    };
  }
}
