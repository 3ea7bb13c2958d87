import { GrpcError, StatusCode } from './status.js';

/** gRPC's framing of messages: a byte that says whether it is compressed, the length, the message. */
export const FRAME_HEADER_BYTES = 5;

/** Fills in the header of a message that stands behind room for one. */
export function framed(message: Buffer): Buffer {
  message[0] = 0;
  message.writeUInt32BE(message.length - FRAME_HEADER_BYTES, 1);
  return message;
}

/** Puts messages together from chunks that are cut anywhere. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  constructor(private readonly maxMessageBytes: number) {}

  /** The messages that the chunk completes. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    while (this.buffered >= FRAME_HEADER_BYTES) {
      const head = this.peek(FRAME_HEADER_BYTES);
      if (head[0] !== 0)
        throw new GrpcError(StatusCode.UNIMPLEMENTED, 'grpc: compressed messages are not supported');
      const length = head.readUInt32BE(1);
      if (length > this.maxMessageBytes) {
        throw new GrpcError(
          StatusCode.RESOURCE_EXHAUSTED,
          `grpc: received message larger than max (${length} vs. ${this.maxMessageBytes})`,
        );
      }
      const end = FRAME_HEADER_BYTES + length;
      if (this.buffered < end) return;
      const all = this.peek(end);
      this.chunks = all.length > end ? [all.subarray(end)] : [];
      this.buffered -= end;
      yield all.subarray(FRAME_HEADER_BYTES, end);
    }
  }

  /** The first chunk, made to hold at least `length` bytes. */
  private peek(length: number): Buffer {
    if (this.chunks[0]!.length < length) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0]!;
  }
}
