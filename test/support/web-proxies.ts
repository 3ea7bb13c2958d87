import { once } from 'node:events';
import { createServer, request } from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/** A proxy for the web, as tasks name them. Whoever starts it closes it. */
export interface WebProxy {
  readonly url: string;
  /** What it was asked for, in order: `GET http://…` or `CONNECT host:port`. */
  readonly seen: string[];
  close(): Promise<void>;
}

export interface WebProxyOptions {
  /** `name:password` that it wants. */
  credentials?: string;
  /** Answers CONNECT with this. */
  refuseWith?: number;
}

/** An HTTP proxy: by absolute URLs and by CONNECT. */
export async function startHttpProxy({ credentials, refuseWith }: WebProxyOptions = {}): Promise<WebProxy> {
  const seen: string[] = [];
  const wanted =
    credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { 'proxy-authorization': authorization, ...headers } = incoming.headers;
    if (authorization !== wanted) {
      response.writeHead(407).end();
      return;
    }
    request(incoming.url as string, { headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(response);
    })
      .on('error', () => response.writeHead(502).end())
      .end();
  });
  server.on('connect', (incoming, near: Socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    near.on('error', () => {});
    const answer = (status: number): boolean => near.write(`HTTP/1.1 ${status} x\r\n\r\n`);
    const isWelcome = incoming.headers['proxy-authorization'] === wanted;
    const [, host = '', port] = /^(.*):(\d+)$/.exec(incoming.url as string) ?? [];
    if (!isWelcome || refuseWith !== undefined) answer(isWelcome ? (refuseWith as number) : 407);
    else
      join(
        near,
        host,
        Number(port),
        () => answer(200),
        () => answer(502),
      );
  });
  return started(server, 'http', credentials, seen);
}

/** A SOCKS5 proxy (RFC 1928, 1929). */
export async function startSocksProxy({ credentials }: WebProxyOptions = {}): Promise<WebProxy> {
  const seen: string[] = [];
  const server = createTcpServer((near) => {
    near.on('error', () => {});
    // The client waits for an answer after each of its messages, so each comes in one piece.
    near.once('data', () => {
      near.write(Buffer.from([5, credentials === undefined ? 0 : 2]));
      near.once('data', credentials === undefined ? serve : logIn);
    });
    const logIn = (login: Buffer): void => {
      const nameEnd = 2 + login.readUInt8(1);
      const given = `${login.toString('utf8', 2, nameEnd)}:${login.toString('utf8', nameEnd + 1)}`;
      near.write(Buffer.from([1, given === credentials ? 0 : 1]));
      near.once('data', serve);
    };
    const serve = (wish: Buffer): void => {
      const end = wish.length - 2;
      const host = wish[3] === 3 ? wish.subarray(5, end).toString() : [...wish.subarray(4, end)].join('.');
      const port = wish.readUInt16BE(end);
      seen.push(`CONNECT ${host}:${port}`);
      const answer = (code: number): boolean => near.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]));
      join(
        near,
        host,
        port,
        () => answer(0),
        () => answer(5),
      );
    };
  });
  return started(server, 'socks5', credentials, seen);
}

function join(near: Socket, host: string, port: number, connected: () => void, failed: () => void): void {
  let answer = failed;
  const far = connect(port, host, () => {
    answer = () => {};
    connected();
    near.pipe(far).pipe(near);
  });
  far.on('error', () => {
    answer();
    near.end();
  });
  near.on('close', () => far.destroy());
}

async function started(
  server: Server,
  scheme: string,
  credentials: string | undefined,
  seen: string[],
): Promise<WebProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`,
    seen,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
