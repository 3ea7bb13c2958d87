import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * Loopback ports that were free a moment ago, all different. For programs that cannot be told to take port 0;
 * such a program may still lose a race for the port, so whoever starts it tries again with others.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
