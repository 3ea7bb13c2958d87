import { z } from 'zod';
import type { Webhook } from '../spec.js';
import { checkedText, closedObject, oneOrMany } from './faults.js';
import { quoted } from '../quoted.js';

const EVENTS = ['done', 'failed'] as const;
const EXPECTED = 'expected a URL, or an object with "url" and "on"';

const url = checkedText('expected a URL', (text) =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
    ? undefined
    : `expected an http or https URL, got ${quoted(text)}`,
);

const on = oneOrMany(
  z.enum(EVENTS, { error: `expected one of ${EVENTS.join(', ')}` }),
  `expected one of ${EVENTS.join(', ')}, or a list of them`,
  EVENTS.length,
).refine((events) => events.length > 0, { error: `expected at least one of ${EVENTS.join(', ')}` });

const webhook = z
  .union(
    [
      url.transform((text): Webhook => ({ url: text, on: EVENTS })),
      closedObject({ url, on: on.optional() }, EXPECTED).transform((written): Webhook => ({
        url: written.url,
        on: written.on ?? EVENTS,
      })),
    ],
    { error: EXPECTED },
  )
  .meta({ id: 'Webhook' });

export const webhooks = oneOrMany(webhook, 'expected a list of webhooks', 20);
