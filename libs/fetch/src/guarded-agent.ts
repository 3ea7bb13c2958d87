import { Agent } from 'undici';
import { AddressGuard, AddressRefusedError } from './address-guard.js';
import { guardedConnector } from './guarded-connector.js';
import type { HttpFetcherOptions } from './http-fetcher.js';

/** For requests that are none for pages: they, too, reach nothing that the guard refuses. */
export function guardedAgent({ allowPrivate }: Pick<HttpFetcherOptions, 'allowPrivate'>): Agent {
  return new Agent({ connect: guardedConnector(new AddressGuard(allowPrivate), undefined) });
}

/** Whether a request failed because the guard refuses the address: no repeat will help. */
export function isAddressRefused(error: unknown): error is Error {
  return error instanceof AddressRefusedError;
}
