import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openApi, type Docs } from './openapi.js';
import type { Route } from './routes.js';

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>API</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null })</script>
</body></html>
`;

const ASSETS = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };

/** Swagger UI under /docs, from this machine alone. The document is written when it is first asked for. */
export function serveDocs(server: FastifyInstance, docs: Docs, routes: () => Route[]): void {
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  let document: string | undefined;
  server.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  server.get('/docs/openapi.json', (_, reply) => {
    document ??= JSON.stringify(openApi(docs, routes()));
    return reply.type('application/json').send(document);
  });
  for (const [file, type] of Object.entries(ASSETS)) {
    server.get(`/docs/${file}`, (_, reply) =>
      reply
        .type(type)
        .header('cache-control', 'max-age=86400')
        .send(createReadStream(join(assets, file))),
    );
  }
}
