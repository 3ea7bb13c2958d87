import { Module, type DynamicModule } from '@nestjs/common';
import { WorkerStatus } from './status/worker-status.js';
import { WorkerGrpcController } from './status/worker.controller.js';

/** The API of a worker. */
@Module({})
export class WorkerModule {
  static over(status: WorkerStatus): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [WorkerGrpcController],
      providers: [{ provide: WorkerStatus, useValue: status }],
    };
  }
}
