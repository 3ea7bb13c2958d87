import {
  constants,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { MessageType } from '../proto/wire.js';
import { FRAME_HEADER_BYTES, FrameReader, framed } from './framing.js';
import { GrpcError, isStatus, OK, StatusCode, trailersOf, type Trailers } from './status.js';

/**
 * gRPC on Node's HTTP/2, for the two kinds of methods that etcd has. A general gRPC library spends twice the time
 * on a call and takes longer to load than all of this server (docs/adr/0009-embedded-etcd.md). Not here: TLS, compression,
 * deadlines (a client that gives up resets its stream).
 */
export interface Method {
  /** Whether its calls go on until somebody ends them. */
  readonly endless: boolean;
  open(call: Call): void;
}

export function unary<Request, Response>(
  requestType: MessageType<Request>,
  responseType: MessageType<Response>,
  handle: (request: Request, payload: Buffer) => Response | Promise<Response>,
): Method {
  return {
    endless: false,
    open(call) {
      let answered = false;
      call.onMessage = (payload) => {
        if (answered) return;
        answered = true;
        void answer(payload);
      };
      const answer = async (payload: Buffer): Promise<void> => {
        try {
          const response = await handle(decode(requestType, payload), payload);
          call.finish(OK, encode(responseType, response));
        } catch (error) {
          call.fail(error);
        }
      };
    },
  };
}

/** One client's end of a stream of messages both ways. */
export interface Peer<Response> {
  /** Whether what was sent so far is not too far ahead of what the client has taken. */
  readonly isReady: boolean;
  send(response: Response): void;
  /** Ends the stream with an error. */
  fail(error: unknown): void;
}

export interface Conversation<Request> {
  onMessage(request: Request): void;
  /** The client has taken what it was sent. */
  onReady?(): void;
  /** The stream is over, for whatever reason. */
  onClose(): void;
}

export function duplex<Request, Response>(
  requestType: MessageType<Request>,
  responseType: MessageType<Response>,
  converse: (peer: Peer<Response>) => Conversation<Request>,
): Method {
  return {
    endless: true,
    open(call) {
      const conversation = converse({
        get isReady() {
          return call.isReady;
        },
        send: (response) => call.send(encode(responseType, response)),
        fail: (error) => call.fail(error),
      });
      call.onMessage = (payload) => {
        try {
          conversation.onMessage(decode(requestType, payload));
        } catch (error) {
          call.fail(error);
        }
      };
      call.onEnd = () => call.finish(OK);
      call.onReady = () => conversation.onReady?.();
      call.onClose = () => conversation.onClose();
    },
  };
}

function decode<T>(type: MessageType<T>, payload: Buffer): T {
  try {
    return type.decode(payload);
  } catch (error) {
    throw new GrpcError(
      StatusCode.INTERNAL,
      `grpc: error unmarshalling request: ${(error as Error).message}`,
    );
  }
}

function encode<T>(type: MessageType<T>, response: T): Buffer {
  return framed(type.encode(response, FRAME_HEADER_BYTES));
}

/**
 * Beyond this many unsent bytes a stream is not ready for more. Small, since a watch that has to wait hears of many
 * changes in one answer then, which costs both ends less.
 */
const READY_BYTES = 64 * 1024;
const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

class Call {
  onMessage: (payload: Buffer) => void = () => {};
  onEnd: () => void = () => {};
  onReady: () => void = () => {};
  onClose: () => void = () => {};
  private headersSent = false;
  private finished = false;
  private trailers: Trailers = OK;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly options: Pick<GrpcServerOptions, 'maxMessageBytes' | 'onError'>,
  ) {
    const reader = new FrameReader(options.maxMessageBytes);
    stream.on('data', (chunk: Buffer) => {
      if (this.finished) return;
      try {
        for (const payload of reader.push(chunk)) this.onMessage(payload);
      } catch (error) {
        this.fail(error);
      }
    });
    stream.on('end', () => this.onEnd());
    stream.on('drain', () => this.onReady());
    // A client that resets its stream, or goes away, is no error of ours: the stream closes.
    stream.on('error', () => {});
    stream.on('close', () => {
      this.finished = true;
      this.onClose();
    });
  }

  get isReady(): boolean {
    return this.stream.writableLength < READY_BYTES;
  }

  send(frame: Buffer): void {
    if (this.finished || this.stream.destroyed) return;
    this.sendHeaders(OK);
    // All that is sent in one turn of the event loop goes out together.
    if (this.stream.writableCorked === 0) {
      this.stream.cork();
      process.nextTick(() => this.stream.uncork());
    }
    this.stream.write(frame);
  }

  finish(trailers: Trailers, lastFrame?: Buffer): void {
    if (this.finished || this.stream.destroyed) return;
    this.finished = true;
    if (lastFrame === undefined && !this.headersSent) {
      this.stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
    } else {
      this.sendHeaders(trailers);
      this.trailers = trailers;
      this.stream.end(lastFrame);
    }
  }

  fail(error: unknown): void {
    if (!isStatus(error)) this.options.onError(error);
    this.finish(trailersOf(error));
  }

  private sendHeaders(trailers: Trailers): void {
    if (this.headersSent) return;
    this.headersSent = true;
    this.trailers = trailers;
    this.stream.respond(HEADERS, { waitForTrailers: true });
    this.stream.once('wantTrailers', () => this.stream.sendTrailers({ ...this.trailers }));
  }
}

export interface GrpcServerOptions {
  /** `undefined`: all interfaces. */
  host: string | undefined;
  port: number;
  maxMessageBytes: number;
  /** A fault of ours, which the client is told of as an internal error. */
  onError(error: unknown): void;
}

export class GrpcServer {
  private readonly sessions = new Set<Http2Session>();
  private readonly endless = new Set<Call>();

  private constructor(private readonly server: Http2Server) {}

  static async start(methods: ReadonlyMap<string, Method>, options: GrpcServerOptions): Promise<GrpcServer> {
    const server = createServer({
      // The default of 10 MB counts what is waiting to be sent, and refuses streams beyond it.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES },
    });
    const started = new GrpcServer(server);
    server.on('session', (session) => started.accept(session));
    server.on('stream', (stream, headers) => started.open(stream, headers, methods, options));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return started;
  }

  get address(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  /**
   * Takes no new calls, ends those without an end with the reason, lets the others end until the deadline, then cuts
   * the connections.
   */
  async close(reason: Error, deadlineMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const call of this.endless) call.fail(reason);
    for (const session of this.sessions) session.close();
    const cut = setTimeout(() => {
      for (const session of this.sessions) session.destroy();
    }, deadlineMs);
    await closed;
    clearTimeout(cut);
  }

  private open(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    methods: ReadonlyMap<string, Method>,
    options: GrpcServerOptions,
  ): void {
    const path = headers[constants.HTTP2_HEADER_PATH] as string;
    if (!headers['content-type']?.startsWith('application/grpc')) {
      stream.on('error', () => {});
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    const call = new Call(stream, options);
    const method = methods.get(path);
    if (method === undefined) {
      call.fail(new GrpcError(StatusCode.UNIMPLEMENTED, `not served by the embedded etcd: ${path}`));
      return;
    }
    if (method.endless) {
      this.endless.add(call);
      stream.on('close', () => this.endless.delete(call));
    }
    method.open(call);
  }

  private accept(session: Http2Session): void {
    this.sessions.add(session);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on('error', () => {});
    session.on('close', () => this.sessions.delete(session));
  }
}

const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
