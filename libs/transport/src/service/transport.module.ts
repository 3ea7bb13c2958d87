import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Metrics, Readiness, type Logger } from '@app/observability';
import { ErrorAnswers } from '../errors/error-answers.js';
import { ErrorFilter } from '../errors/error-filter.js';
import { GreeterGrpcController, GreeterRestController } from '../greeter/greeter.js';
import { HealthController } from '../probes/health.controller.js';
import { ProbesController } from '../probes/probes.controller.js';
import { ProcessGrpcController } from '../process/process.controller.js';
import { CallPipeline } from '../request/call-pipeline.js';
import { RequestLog } from '../request/request-log.js';
import { LOGGER, SERVED_SERVICES, SERVICE_NAME } from './tokens.js';

export interface ProcessParts {
  readonly name: string;
  readonly services: ReadonlySet<string>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** What master and worker serve alike, and the parts of the process that any module may inject. */
@Module({})
export class TransportModule {
  static forProcess(parts: ProcessParts): DynamicModule {
    const provided = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: SERVICE_NAME, useValue: parts.name },
      { provide: SERVED_SERVICES, useValue: parts.services },
      { provide: Metrics, useValue: parts.metrics },
      { provide: Readiness, useValue: parts.readiness },
      RequestLog,
      ErrorAnswers,
      CallPipeline,
    ];
    return {
      module: TransportModule,
      global: true,
      controllers: [
        GreeterGrpcController,
        GreeterRestController,
        HealthController,
        ProbesController,
        ProcessGrpcController,
      ],
      providers: [...provided, { provide: APP_FILTER, useClass: ErrorFilter }],
      exports: provided,
    };
  }
}
