import { createParamDecorator } from '@nestjs/common';
import { rpcCall } from './called.js';

/** Fires when the caller has gone. */
export const CallerSignal = createParamDecorator((_: unknown, context) => rpcCall(context).signal);
