import type { FastifyInstance } from 'fastify';

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

const routes = new WeakMap<object, Route[]>();

/** Notes the routes of a server as they are added; call it before the first. */
export function noteRoutes(server: FastifyInstance): void {
  const noted: Route[] = [];
  routes.set(server, noted);
  server.addHook('onRoute', ({ method, url }) => {
    noted.push({ methods: [method].flat(), path: pattern(url) });
  });
}

/** The methods that the server has for this path, so that a wrong one is told from a wrong path. */
export function allowedMethods(server: FastifyInstance, url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const matching = (routes.get(server) ?? []).filter((route) => route.path.test(path));
  return [...new Set(matching.flatMap((route) => route.methods))].sort();
}

function pattern(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part === '*') {
      return '.*';
    }
    return part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('/')}/?$`);
}
