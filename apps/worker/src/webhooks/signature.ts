import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** A secret of webhooks as https://www.standardwebhooks.com writes it: `whsec_`, then its bytes in base64. */
export function parseWebhookSecret(text: string): Buffer | undefined {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const secret = Buffer.from(text.slice(PREFIX.length), 'base64');
  return secret.length >= 24 && secret.length <= 64 ? secret : undefined;
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
