import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { status } from '@grpc/grpc-js';
import type { FastifyReply } from 'fastify';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { statusOf } from '../errors/status.js';
import { CallPipeline } from '../request/call-pipeline.js';
import { rpcCall } from '../request/called.js';
import { messageToJson } from './proto-json.js';
import { eventStream, RestEvents } from './rest-events.js';
import { fileStream, RestFile } from './rest-file.js';

/** Takes a REST call through the pipeline and writes its answer as proto3 JSON, or streams the file or the events that it is. */
@Injectable()
export class RestInterceptor implements NestInterceptor {
  constructor(private readonly pipeline: CallPipeline) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.answer(context, next));
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const call = rpcCall(context);
    const done = this.pipeline.received(call.rpc, call.request, 'rest');
    try {
      const message = await this.pipeline.run(
        () => call,
        () => firstValueFrom(next.handle(), { defaultValue: undefined }),
      );
      const reply = context.switchToHttp().getResponse<FastifyReply>();
      const ended = (error?: unknown): void =>
        done(error === undefined ? status.OK : this.pipeline.statusOf(error).code);
      if (message instanceof RestFile) return fileStream(message, reply, ended);
      if (message instanceof RestEvents) return eventStream(call.rpc, message, reply, ended);
      const json = messageToJson(call.rpc, message ?? {});
      done(status.OK);
      return json;
    } catch (error) {
      done(statusOf(error).code);
      throw error;
    }
  }
}
