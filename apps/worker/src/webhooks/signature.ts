import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** Secrets of webhooks as https://www.standardwebhooks.com writes them: `whsec_`, then the bytes in base64. */
export function secretsOf(setting: string | undefined): Buffer[] {
  return (setting?.split(',') ?? []).map((text) => Buffer.from(text.slice(PREFIX.length), 'base64'));
}

/**
 * The headers that let a receiver check who has sent this, and when: one signature for each secret, so that a
 * secret can be replaced while both sides know the old one still.
 */
export function signedHeaders(
  id: string,
  sentAt: number,
  body: string,
  secrets: readonly Buffer[],
): Record<string, string> {
  const timestamp = String(Math.floor(sentAt / 1_000));
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  };
}
