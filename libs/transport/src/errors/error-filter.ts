import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { status, type ServerUnaryCall } from '@grpc/grpc-js';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { rpcAtPath } from '../request/rpc.js';
import { answerInJson } from '../rest/error-answer.js';
import { BODY_LIMIT_BYTES } from '../rest/body.js';
import { allowedMethods } from '../rest/allowed-methods.js';
import { ErrorAnswers } from './error-answers.js';
import { StatusError, type Status } from './status.js';

/** The end of every failed call: an error becomes the contract's answer, and what we did not expect is logged. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'rpc') {
      const call = host.getArgByIndex<ServerUnaryCall<unknown, unknown>>(2);
      // A unary call's error is answered by the transport, so that an interceptor sees it as it was thrown.
      const unary = rpcAtPath(call.getPath())?.definition.responseStream === false;
      return throwError(() =>
        unary ? error : new StatusError(this.answers.answer(error), { cause: error }),
      );
    }
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answer = httpFault(error, request, reply) ?? this.answers.answer(error);
    answerInJson(reply, answer);
  }
}

/** Faults that the HTTP server finds before a handler runs. */
function httpFault(error: unknown, request: FastifyRequest, reply: FastifyReply): Status | undefined {
  const http =
    error instanceof HttpException ? error.getStatus() : (error as FastifyError | null)?.statusCode;
  switch (http) {
    case undefined:
      return undefined;
    case 404: {
      const allowed = allowedMethods(request.server, request.url);
      if (allowed.length === 0) {
        return { code: status.NOT_FOUND, message: 'Not Found' };
      }
      void reply.header('allow', allowed.join(', '));
      return { code: status.UNIMPLEMENTED, message: 'Method Not Allowed', http: 405 };
    }
    case 413: {
      const message = `the request body is larger than ${BODY_LIMIT_BYTES} bytes`;
      return { code: status.INVALID_ARGUMENT, message, http };
    }
    case 503:
      return { code: status.UNAVAILABLE, message: 'shutting down', http };
    default:
      return http >= 400 && http < 500
        ? { code: status.INVALID_ARGUMENT, message: (error as Error).message, http }
        : undefined;
  }
}
