import { Injectable } from '@nestjs/common';
import type { status } from '@grpc/grpc-js';
import { ErrorAnswers } from '../errors/error-answers.js';
import type { Status } from '../errors/status.js';
import { RequestLog } from './request-log.js';
import type { CallInterceptor, RpcCall } from './rpc-call.js';
import type { Rpc } from './rpc.js';

/** What every call of the contract passes through, whichever transport it came by. */
@Injectable()
export class CallPipeline {
  private interceptor: CallInterceptor | undefined;

  constructor(
    private readonly log: RequestLog,
    private readonly errors: ErrorAnswers,
  ) {}

  /** At most one, before the first call. */
  use(interceptor: CallInterceptor): void {
    this.interceptor = interceptor;
  }

  received(rpc: Rpc, request: unknown, transport: 'grpc' | 'rest'): (code: status) => void {
    return this.log.received(rpc, request, transport);
  }

  /** `call` is made only if someone wants to see it. */
  run(call: () => RpcCall, handle: () => Promise<unknown>): Promise<unknown> {
    return this.interceptor === undefined ? handle() : this.interceptor.intercept(call(), handle);
  }

  statusOf(error: unknown): Status {
    return this.errors.answer(error);
  }
}
