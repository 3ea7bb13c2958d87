import { createParamDecorator } from '@nestjs/common';
import { OrbweaverError } from '@app/errors';
import { rpcCall } from '@app/transport';
import { readGatheredMark } from '../forwarding/gathered-mark.js';

/** Keep a resource while there is no worker: query `pending=true`, metadata `orbweaver-pending: true`. */
export const Pending = createParamDecorator((_: unknown, context) => {
  const value = rpcCall(context).option('pending');
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new OrbweaverError('INVALID_ARGUMENT', `pending is true or false, not ${JSON.stringify(value)}`);
});

/**
 * The entries are calls of their own, which another master has brought together on their way to the leader: the
 * trace context of each, empty where there is none. Undefined for any other call.
 */
export const Gathered = createParamDecorator((_: unknown, context) =>
  readGatheredMark(rpcCall(context).option('gathered')),
);

/** As etcd has it now: query `consistency=strong`, metadata `orbweaver-consistency: strong`. */
export const Strong = createParamDecorator((_: unknown, context) => {
  const value = rpcCall(context).option('consistency');
  if (value === undefined || value === 'view') return false;
  if (value === 'strong') return true;
  throw new OrbweaverError('INVALID_ARGUMENT', `consistency is strong or view, not ${JSON.stringify(value)}`);
});
