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

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
