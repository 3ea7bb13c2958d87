import { Injectable } from '@nestjs/common';
import type { cluster } from '@app/proto';
import type { ControlRequest } from '@app/resources';
import { resourceMessage } from '../cluster-view/resource-message.js';
import { Leading } from '../leadership/leading.js';

/** Pausing resources and running them again. Handlers run on the leader. */
@Injectable()
export class Controls {
  constructor(private readonly leading: Leading) {}

  pause({ name }: cluster.PauseResourceRequest): Promise<cluster.Resource> {
    return this.control(name, { kind: 'pause' });
  }

  resume({ name }: cluster.ResumeResourceRequest): Promise<cluster.Resource> {
    return this.control(name, { kind: 'resume' });
  }

  restart({ name, fromScratch, expected }: cluster.RestartResourceRequest): Promise<cluster.Resource> {
    return this.control(name, { kind: fromScratch ? 'startOver' : 'restart', expected });
  }

  retry({ name, expected }: cluster.RetryFailuresRequest): Promise<cluster.Resource> {
    return this.control(name, { kind: 'retry', expected });
  }

  private async control(name: string, request: ControlRequest): Promise<cluster.Resource> {
    const { record, revision, control } = await this.leading.runs.control(name, request);
    return resourceMessage(record, revision, { control });
  }
}
