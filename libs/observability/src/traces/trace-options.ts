import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';

export interface TraceOptions {
  /** `orbweaver-master`, `orbweaver-worker`; OTEL_SERVICE_NAME counts before it. */
  readonly service: string;
  /** Which one of that service. */
  readonly instance: string;
  readonly version: string;
  /** Base address of an OTLP receiver over HTTP; without it, that of OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string | undefined;
  /** How many of the traces that begin here are recorded, 0 to 1. */
  readonly ratio: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Delivers what is left, for a moment, and ends. */
export type StopTraces = () => Promise<void>;
