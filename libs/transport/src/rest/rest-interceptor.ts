import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, map, type Observable } from 'rxjs';
import { statusOf } from '../errors/status.js';
import { rpcCall } from '../request/rpc-call.js';
import { RequestLog } from '../request/request-log.js';
import { messageToJson } from './proto-json.js';

/** Logs and counts a REST call and writes its answer as proto3 JSON. */
@Injectable()
export class RestInterceptor implements NestInterceptor {
  constructor(private readonly log: RequestLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const call = rpcCall(context);
    const done = this.log.received(call.rpc, call.request, 'rest');
    return next.handle().pipe(
      map((message) => {
        const json = messageToJson(call.rpc, message ?? {});
        done(0);
        return json;
      }),
      catchError((error: unknown) => {
        done(statusOf(error).code);
        throw error;
      }),
    );
  }
}
