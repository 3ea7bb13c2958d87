import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Metrics, Readiness } from '@app/observability';

/** What orchestrators and Prometheus ask. */
@Controller()
export class ProbesController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  /** The process runs and its event loop turns. */
  @Get('livez')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** Whether it can do its work now; if not, what is missing. */
  @Get('readyz')
  ready(@Res() reply: FastifyReply): void {
    const report = this.readiness.report();
    void reply.status(report.ready ? 200 : 503).send(report);
  }

  @Get('metrics')
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text());
  }
}
