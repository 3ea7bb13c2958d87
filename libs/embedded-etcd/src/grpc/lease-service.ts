import {
  leaseGrantRequest,
  leaseGrantResponse,
  leaseKeepAliveRequest,
  leaseKeepAliveResponse,
  leaseLeasesRequest,
  leaseLeasesResponse,
  leaseRevokeRequest,
  leaseRevokeResponse,
  leaseTimeToLiveRequest,
  leaseTimeToLiveResponse,
} from '../proto/messages.js';
import type { LeaseKeeper } from '../replica/lease-keeper.js';
import type { StateMachine } from '../replica/state-machine.js';
import { duplex, unary, type Method } from './grpc-server.js';
import type { Quota } from './quota.js';

/** What etcd counts for a lease. */
const LEASE_COST = 64;

export function leaseService(machine: StateMachine, keeper: LeaseKeeper, quota: Quota): [string, Method][] {
  const { lessor } = machine;
  return [
    [
      '/etcdserverpb.Lease/LeaseGrant',
      unary(leaseGrantRequest, leaseGrantResponse, ({ ID, TTL }) => {
        quota.check(LEASE_COST);
        return keeper.grant(ID, TTL);
      }),
    ],
    [
      '/etcdserverpb.Lease/LeaseRevoke',
      unary(leaseRevokeRequest, leaseRevokeResponse, ({ ID }) => keeper.revoke(ID)),
    ],
    [
      '/etcdserverpb.Lease/LeaseTimeToLive',
      unary(leaseTimeToLiveRequest, leaseTimeToLiveResponse, ({ ID, keys }) => {
        const lease = lessor.get(ID);
        const header = machine.header();
        if (lease === undefined) return { header, ID, TTL: -1, grantedTTL: 0, keys: [] };
        return {
          header,
          ID,
          TTL: Math.trunc(lessor.remainingMs(ID) / 1000),
          grantedTTL: lease.ttlSeconds,
          keys: keys ? [...lease.keys].sort() : [],
        };
      }),
    ],
    [
      '/etcdserverpb.Lease/LeaseLeases',
      unary(leaseLeasesRequest, leaseLeasesResponse, () => ({
        header: machine.header(),
        leases: lessor.list().map(({ id }) => ({ ID: id })),
      })),
    ],
    [
      '/etcdserverpb.Lease/LeaseKeepAlive',
      duplex(leaseKeepAliveRequest, leaseKeepAliveResponse, (peer) => {
        let last = Promise.resolve();
        // Answers in the order of the requests; one that has to wait for the log holds back those behind it.
        const answer = async (ID: bigint): Promise<void> => {
          // The header is older than the renewal: etcd promises that the lease was alive at that revision.
          const header = machine.header();
          peer.send({ header, ID, TTL: await keeper.renew(ID) });
        };
        return {
          onMessage: ({ ID }) => {
            last = last.then(() => answer(ID)).catch((error: unknown) => peer.fail(error));
          },
          onClose: () => {},
        };
      }),
    ],
  ];
}
