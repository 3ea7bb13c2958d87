import { memberListRequest, memberListResponse, statusRequest, statusResponse } from '../proto/messages.js';
import { RAFT_TERM, type StateMachine } from '../replica/state-machine.js';
import { unary, type Method } from './grpc-server.js';

/** The API that is served, as clients ask for it. */
const VERSION = '3.5.0';
const MEMBER_NAME = 'embedded';

/** What tells of the server itself: one member, its own leader. */
export interface About {
  readonly machine: StateMachine;
  readonly clientUrl: () => string;
  /** How many operations the log holds, and how many are applied. */
  readonly logIndex: () => bigint;
}

export function clusterService({ machine, clientUrl, logIndex }: About): [string, Method][] {
  return [
    [
      '/etcdserverpb.Cluster/MemberList',
      unary(memberListRequest, memberListResponse, () => ({
        header: machine.header(),
        members: [
          {
            ID: machine.identity.memberId,
            name: MEMBER_NAME,
            peerURLs: [],
            clientURLs: [clientUrl()],
            isLearner: false,
          },
        ],
      })),
    ],
    [
      '/etcdserverpb.Maintenance/Status',
      unary(statusRequest, statusResponse, () => ({
        header: machine.header(),
        version: VERSION,
        dbSize: machine.store.sizeBytes,
        leader: machine.identity.memberId,
        raftIndex: logIndex(),
        raftTerm: RAFT_TERM,
        raftAppliedIndex: logIndex(),
        errors: [],
        dbSizeInUse: machine.store.sizeBytes,
        isLearner: false,
      })),
    ],
  ];
}
