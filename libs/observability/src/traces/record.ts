import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { ParentBasedSampler, TracerProvider, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { namedLogger, type Logger } from '../logger.js';
import { Delivery } from './delivery.js';
import type { StopTraces, TraceOptions } from './trace-options.js';
import { turnTraces } from './traces.js';

/** OpenTelemetry's SDK for this process, from here on to the end. */
export function record(options: TraceOptions, address: string): StopTraces {
  const { service, instance, version, endpoint, ratio, metrics } = options;
  const logger = namedLogger(options.logger, 'traces');
  diag.setLogger(sdkLines(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  // Without an address of ours the exporter finds the one of the environment itself.
  const exporter = new OTLPTraceExporter(endpoint === undefined ? {} : { url: tracesUrl(endpoint) });
  const delivery = new Delivery(exporter, address, metrics, logger);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': service,
          'service.instance.id': instance,
          'service.version': version,
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH },
    spanProcessors: [delivery],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  turnTraces(true);
  logger.info({ endpoint: address, ratio }, 'traces are recorded');
  return () => delivery.stop(STOP_MS);
}

/** Collectors take traces there, below their base address. */
function tracesUrl(endpoint: string): string {
  const url = endpoint.replace(/\/+$/, '');
  return url.endsWith(TRACES_PATH) ? url : `${url}${TRACES_PATH}`;
}

const TRACES_PATH = '/v1/traces';
const MAX_ATTRIBUTE_LENGTH = 2_048;
/** Of the two seconds that a process may outlive its end. */
const STOP_MS = 1_500;

/** Whether spans arrive, `Delivery` tells; what else the SDK has to say concerns who looks closely. */
function sdkLines(logger: Logger) {
  const line = (message: string): void => logger.debug({ message }, 'OpenTelemetry');
  return { error: line, warn: line, info: line, debug: line, verbose: line };
}
