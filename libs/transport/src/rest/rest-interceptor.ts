import {
  HttpException,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { status } from '@grpc/grpc-js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tracesAreOn } from '@app/observability';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { StatusError } from '../errors/status.js';
import { CallPipeline } from '../request/call-pipeline.js';
import { rpcCall } from '../request/called.js';
import { inServerSpan, type Arrival } from '../request/server-span.js';
import { messageToJson } from './proto-json.js';
import { eventStream, RestEvents } from './rest-events.js';
import { fileStream, RestFile } from './rest-file.js';

/** Takes a REST call through the pipeline and writes its answer as proto3 JSON, or streams the file or the events that it is. */
@Injectable()
export class RestInterceptor implements NestInterceptor {
  constructor(private readonly pipeline: CallPipeline) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(tracesAreOn() ? this.traced(context, next) : this.answer(context, next));
  }

  private async traced(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return inServerSpan(
      rpcCall(context).rpc,
      () => restArrival(request),
      () => this.answer(context, next),
    );
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
      // Here, since a line of it belongs to the call's trace.
      const answer = this.pipeline.statusOf(error);
      done(answer.code);
      throw error instanceof HttpException ? error : new StatusError(answer, { cause: error });
    }
  }
}

function restArrival({ method, url, headers, routeOptions }: FastifyRequest): Arrival {
  const route = routeOptions.url ?? '';
  return {
    name: `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': url.split('?', 1)[0] ?? '',
    },
    carrier: headers,
  };
}
