import type { StopTraces, TraceOptions } from './trace-options.js';

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
