import { createServer } from 'node:net';

/** `auto`: the usual ports where they are free, else any; `free`: any; a number: counted up from there. */
export type PortPlan = 'auto' | 'free' | number;

/** What one process listens on; 0 is any free port. */
export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly pprof: number;
}

const USUAL = {
  master: { http: 8081, grpc: 9091, pprof: 9981 },
  worker: { http: 11801, grpc: 11901, pprof: 11001 },
} as const;

/** The ports of the index-th process of a kind; `place` is its number among all processes of the cluster. */
export async function portsOf(
  plan: PortPlan,
  kind: 'master' | 'worker',
  index: number,
  place: number,
): Promise<Ports> {
  if (plan === 'free') return { http: 0, grpc: 0, pprof: 0 };
  if (plan !== 'auto') {
    const first = plan + place * 3;
    return { http: first, grpc: first + 1, pprof: first + 2 };
  }
  const usual = USUAL[kind];
  const [http, grpc, pprof] = await Promise.all(
    [usual.http, usual.grpc, usual.pprof].map(async (port) =>
      (await isFree(port + index)) ? port + index : 0,
    ),
  );
  return { http: http ?? 0, grpc: grpc ?? 0, pprof: pprof ?? 0 };
}

/** A port on loopback that was free a moment ago, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

async function isFree(port: number): Promise<boolean> {
  return (await bind(port)) !== undefined;
}

function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
