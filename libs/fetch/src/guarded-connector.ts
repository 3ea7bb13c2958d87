import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { AddressRefusedError, type AddressGuard } from './address-guard.js';

/** Connects only where the guard lets it: the address that was checked is the one that is connected to. */
export function guardedConnector(guard: AddressGuard, ca: string | undefined): buildConnector.connector {
  const connect = buildConnector({
    allowH2: true,
    timeout: CONNECT_TIMEOUT_MS,
    ca,
    lookup: guard.lookup,
    autoSelectFamily: true,
    // Node's 250 ms would give up hosts on the other side of the world.
    autoSelectFamilyAttemptTimeout: 2_500,
  });
  return (options, callback) => {
    // A literal address is never looked up.
    const isRefused = isIP(options.hostname) !== 0 && guard.refuses(options.hostname);
    if (isRefused) callback(new AddressRefusedError(options.hostname), null);
    else connect(options, callback);
  };
}

const CONNECT_TIMEOUT_MS = 10_000;
