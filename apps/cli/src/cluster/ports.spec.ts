import { once } from 'node:events';
import { createServer } from 'node:net';
import { portsOf } from './ports.js';

describe('the ports of a process', () => {
  it('are counted up from a given one, three for each process', async () => {
    expect(await portsOf(9000, 'master', 0, 0)).toEqual({ http: 9000, grpc: 9001, pprof: 9002 });
    expect(await portsOf(9000, 'worker', 1, 4)).toEqual({ http: 9012, grpc: 9013, pprof: 9014 });
  });

  it('are any where free ones are wanted', async () => {
    expect(await portsOf('free', 'master', 0, 0)).toEqual({ http: 0, grpc: 0, pprof: 0 });
  });

  it('are any, too, where a usual one is taken', async () => {
    const taken = await occupy(8095);
    try {
      expect((await portsOf('auto', 'master', 14, 14)).http).toBe(0);
    } finally {
      taken.close();
    }
  });

  /** Whoever has the port already serves as well. */
  async function occupy(port: number) {
    const server = createServer().listen(port, '127.0.0.1');
    await Promise.race([once(server, 'listening'), once(server, 'error')]);
    return server;
  }
});
