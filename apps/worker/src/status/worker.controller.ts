import { Controller } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import { worker as proto } from '@app/proto';
import { throwError, type Observable } from 'rxjs';
import { WorkerStatus } from './worker-status.js';

@Controller()
@proto.WorkerControllerMethods()
export class WorkerGrpcController implements proto.WorkerController {
  constructor(private readonly status: WorkerStatus) {}

  getStatus(): proto.WorkerStatus {
    return this.status.worker();
  }

  getTask({ name }: proto.GetTaskRequest): Promise<proto.TaskStatus> {
    return this.status.task(name);
  }

  listTasks(request: proto.ListTasksRequest): Promise<proto.ListTasksResponse> {
    return this.status.tasks(request);
  }

  listItems(): Promise<proto.ListItemsResponse> {
    return Promise.reject(noItems());
  }

  exportItems(): Observable<proto.ExportChunk> {
    return throwError(noItems);
  }

  listPages(request: proto.ListPagesRequest): Promise<proto.ListPagesResponse> {
    return this.status.pages(request);
  }
}

function noItems(): OrbweaverError {
  return new OrbweaverError('UNIMPLEMENTED', 'this worker keeps no items');
}
