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

/**
 * Begins to record traces where an address is configured to deliver them to; else nothing is loaded. The variables
 * of OpenTelemetry count as its specification has them: OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT,
 * _COMPRESSION, _CERTIFICATE, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME, OTEL_SDK_DISABLED.
 */
export async function startTraces(
  options: TraceOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<StopTraces> {
  const address =
    options.endpoint ||
    env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ||
    env['OTEL_EXPORTER_OTLP_ENDPOINT'] ||
    undefined;
  if (address === undefined || env['OTEL_SDK_DISABLED'] === 'true') return async () => undefined;
  // Half a hundred modules, which nobody waits for who wants no traces.
  const { record } = await import('./record.js');
  return record(options, address);
}
