import type { ServerWritableStream } from '@grpc/grpc-js';
import { Controller } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { productVersion } from '@app/config';
import { process as proto, type worker } from '@app/proto';
import { GrpcStream, pacedStream } from '../grpc/paced-stream.js';
import { RpcRequest } from '../rest/rest-rpc.js';
import { profileChunks } from './profile-chunks.js';

/** What a process tells of itself, whichever node of the cluster it is. */
@Controller()
@proto.ProcessControllerMethods()
export class ProcessGrpcController {
  private readonly version = productVersion();
  private readonly startedAt = instant(Date.now() - process.uptime() * 1_000);

  getProcess(): proto.ProcessStatus {
    return {
      version: this.version,
      startedAt: this.startedAt,
      memory: BigInt(process.memoryUsage.rss()),
    };
  }

  takeProfile(
    @RpcRequest() request: proto.ProfileRequest,
    @GrpcStream() call: ServerWritableStream<proto.ProfileRequest, worker.ExportChunk>,
  ): Observable<worker.ExportChunk> {
    return pacedStream(call, (signal) => profileChunks(request, signal));
  }
}

function instant(ms: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.floor((ms - seconds * 1_000) * 1_000_000) };
}
