import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy in front of one program, for the network's failures. Whoever starts it closes it. */
export interface Proxy {
  /** `host:port` to connect to instead of the target. */
  readonly endpoint: string;
  /** Ends all connections and refuses new ones. */
  cut(): void;
  /** Connections stay open, new ones are taken, and no byte goes through. */
  stall(): void;
  /** All as before; what was stalled goes through now. */
  heal(): void;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const [host, port] = target.split(':') as [string, string];
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'stalled' = 'open';
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(port), host);
    for (const [socket, peer] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => {
        if (!peer.write(bytes)) socket.pause();
      });
      socket.on('drain', () => state === 'open' && peer.resume());
      socket.on('end', () => peer.end());
      socket.on('error', () => peer.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        peer.destroy();
      });
      if (state === 'stalled') socket.pause();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    state = 'cut';
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    stall() {
      state = 'stalled';
      for (const socket of sockets) socket.pause();
    },
    heal() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      cut();
      await once(server.close(), 'close');
    },
  };
}
