import { Controller } from '@nestjs/common';
import { worker as proto } from '@app/proto';
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

  listPages(request: proto.ListPagesRequest): Promise<proto.ListPagesResponse> {
    return this.status.pages(request);
  }
}
