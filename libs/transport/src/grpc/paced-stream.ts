import { once } from 'node:events';
import { createParamDecorator } from '@nestjs/common';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { Observable } from 'rxjs';

/**
 * What Nest streams to a gRPC client, taken from the source only as fast as the client reads: Nest itself would
 * hold without bound what a slow client has not taken.
 */
export function pacedStream<T>(
  call: Pick<ServerWritableStream<unknown, T>, 'writableNeedDrain'> & NodeJS.EventEmitter,
  open: (signal: AbortSignal) => AsyncIterable<T> | Promise<AsyncIterable<T>>,
): Observable<T> {
  return new Observable((subscriber) => {
    const closed = new AbortController();
    const pump = async (): Promise<void> => {
      for await (const value of await open(closed.signal)) {
        subscriber.next(value);
        if (call.writableNeedDrain) {
          await once(call, 'drain', { signal: closed.signal });
        }
      }
    };
    pump().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => closed.abort();
  });
}

/** The call that a streaming handler of gRPC answers. */
export const GrpcStream = createParamDecorator((_: unknown, context) => context.getArgByIndex<unknown>(2));
