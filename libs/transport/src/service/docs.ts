import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface Docs {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

export function serveDocs(_app: NestFastifyApplication, _docs: Docs): void {}
