import { Module, type DynamicModule } from '@nestjs/common';
import { TaskBoard } from './board/task-board.js';
import { PageTrials } from './preview/page-trials.js';
import { StoredLogs } from './results/stored-logs.js';
import { StoredResults } from './results/stored-results.js';
import { TaskReports } from './status/task-reports.js';
import { WorkerStatus } from './status/worker-status.js';
import { WorkerGrpcController } from './status/worker.controller.js';

export interface WorkerApi {
  status: WorkerStatus;
  reports: TaskReports;
  results: StoredResults;
  trials: PageTrials;
  board: TaskBoard;
  logs: StoredLogs;
}

/** The API of a worker. */
@Module({})
export class WorkerModule {
  static over({ status, reports, results, trials, board, logs }: WorkerApi): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [WorkerGrpcController],
      providers: [
        { provide: WorkerStatus, useValue: status },
        { provide: TaskReports, useValue: reports },
        { provide: StoredResults, useValue: results },
        { provide: PageTrials, useValue: trials },
        { provide: TaskBoard, useValue: board },
        { provide: StoredLogs, useValue: logs },
      ],
    };
  }
}
