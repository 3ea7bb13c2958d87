import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Loopback ports that were free a moment ago, all different. For programs that cannot be told to take port 0;
 * such a program may still lose a race for the port, so whoever starts it tries again with others.
 *
 * They are below those that systems give to connections and to port 0, so that a program that is stopped and
 * started again finds its port free: not even a client that tries to reach it meanwhile is given it.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (BEYOND - LOWEST));
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

const LOWEST = 15_000;
const BEYOND = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
