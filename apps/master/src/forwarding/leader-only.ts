import { SetMetadata } from '@nestjs/common';

/** `always`: the call is answered by the leader. `strong`: it is, when the caller asks for strong consistency. */
export type Leads = 'always' | 'strong';

export const LEADS = 'orbweaver:leads';

/** The RPC of this handler runs on the leader; any other master passes the call on. */
export function LeaderOnly(): MethodDecorator {
  return SetMetadata(LEADS, 'always' satisfies Leads);
}

/** The RPC of this handler runs on any master, or on the leader when the caller asks for strong consistency. */
export function LeaderIfStrong(): MethodDecorator {
  return SetMetadata(LEADS, 'strong' satisfies Leads);
}
