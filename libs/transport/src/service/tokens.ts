/** Injection tokens of what each process has once. `Metrics` and `Readiness` are injected by their class. */
export const LOGGER = Symbol('orbweaver.logger');
/** The registered name, `go.micro.server.master`. */
export const SERVICE_NAME = Symbol('orbweaver.serviceName');
/** Full names of the gRPC services that are served. */
export const SERVED_SERVICES = Symbol('orbweaver.servedServices');
