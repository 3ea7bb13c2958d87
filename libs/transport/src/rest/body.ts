import type { FastifyInstance } from 'fastify';

export const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Bodies reach the handlers as bytes, whatever content type they claim: as in grpc-gateway every body is
 * JSON (`curl -d` says it is a form), and only bytes show whether they are UTF-8.
 */
export function takeBodiesAsBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_, body, done) => {
    done(null, body);
  });
}
