import { status } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { Observable } from 'rxjs';
import { Readiness } from '@app/observability';
import { health } from '@app/proto';
import { StatusError } from '../errors/status.js';
import { SERVED_SERVICES } from '../service/tokens.js';

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = health.HealthCheckResponse_ServingStatus;

/** gRPC's standard health service: the process's readiness, for the server and for each service it has. */
@Controller()
@health.HealthControllerMethods()
export class HealthController implements health.HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(SERVED_SERVICES) private readonly services: ReadonlySet<string>,
  ) {}

  check({ service }: health.HealthCheckRequest): health.HealthCheckResponse {
    if (!this.serves(service)) {
      throw new StatusError({ code: status.NOT_FOUND, message: `unknown service ${service}` });
    }
    return this.answer();
  }

  watch({ service }: health.HealthCheckRequest): Observable<health.HealthCheckResponse> {
    return new Observable((subscriber) => {
      if (!this.serves(service)) {
        subscriber.next({ status: SERVICE_UNKNOWN });
        return undefined;
      }
      subscriber.next(this.answer());
      return this.readiness.onChange(() => subscriber.next(this.answer()));
    });
  }

  private serves(service: string): boolean {
    return service === '' || this.services.has(service);
  }

  private answer(): health.HealthCheckResponse {
    return { status: this.readiness.ready ? SERVING : NOT_SERVING };
  }
}
