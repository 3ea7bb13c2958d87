import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Outbox, OutboxEntry } from '@app/crawl';
import type { Logger } from '@app/observability';
import { guardedAgent } from '@app/fetch';
import { until } from '../../../../test/support/until.js';
import { postThrough } from './post-webhook.js';
import { secretsOf } from './signature.js';
import { WebhookDeliverer } from './webhook-deliverer.js';

const SILENT = { info() {}, warn() {}, error() {} } as unknown as Logger;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** An outbox in memory; its clock is the tests'. */
class Box implements Outbox {
  readonly messages: OutboxEntry[] = [];
  readonly retries: number[] = [];
  readonly #due = new Map<string, number>();

  put(url: string, body: string, createdAt = Date.now()): void {
    this.messages.push({ id: randomUUID(), resource: 'books', url, body, attempt: 0, createdAt });
  }

  async lease(limit: number): Promise<OutboxEntry[]> {
    const now = performance.now();
    const due = this.messages.filter(({ id }) => (this.#due.get(id) ?? 0) <= now).slice(0, limit);
    for (const { id } of due) this.#due.set(id, Infinity);
    return due.map((message) => ({ ...message }));
  }

  async settle(id: string, retryInMs: number | undefined): Promise<void> {
    const index = this.messages.findIndex((message) => message.id === id);
    const [message] = this.messages.splice(index, 1);
    if (message === undefined || retryInMs === undefined) return;
    this.retries.push(retryInMs);
    this.messages.push({ ...message, attempt: message.attempt + 1 });
    this.#due.set(id, performance.now() + retryInMs);
  }
}

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

class Receiver {
  readonly received: Received[] = [];
  answer: (count: number) => number = () => 204;
  readonly #server: Server = createServer((request, response) => {
    void this.#take(request).then((status) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    );
  });

  async #take(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    this.received.push({ headers: request.headers, body });
    return this.answer(this.received.length);
  }

  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}

describe('webhooks', () => {
  const agent = guardedAgent({ allowPrivate: true });
  const box = new Box();
  let receiver: Receiver;
  let url: string;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    receiver = new Receiver();
    url = await receiver.start();
    stop = new AbortController();
    box.messages.length = box.retries.length = 0;
    const deliverer = new WebhookDeliverer(
      box,
      postThrough(agent, secretsOf(`${SECRET},${OLD_SECRET}`)),
      SILENT,
      {
        idleMs: 5,
        firstRetryMs: 20,
        giveUpAfterMs: 60_000,
      },
    );
    running = deliverer.run(stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await receiver.stop();
  });
  afterAll(() => agent.close());

  const empty = () => until(() => box.messages.length === 0, { what: 'the outbox is empty' });

  it('carry a signature over id, time and body that the receiver can check', async () => {
    const before = Math.floor(Date.now() / 1_000);
    box.put(url, '{"state":"done"}');
    await empty();
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
    expect(body).toBe('{"state":"done"}');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const digest = createHmac('sha256', Buffer.alloc(32, 7)).update(signed).digest('base64');
    expect(String(headers['webhook-signature']).split(' ')).toEqual([
      `v1,${digest}`,
      expect.stringMatching(/^v1,\S{44}$/),
    ]);
    const sentAt = Number(headers['webhook-timestamp']);
    expect(sentAt).toBeGreaterThanOrEqual(before);
    expect(sentAt).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('are sent again, under the same id and later each time, to a receiver that was down for a while', async () => {
    receiver.answer = (count) => (count < 3 ? 503 : 200);
    box.put(url, '{}');
    await empty();
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
    expect(box.retries).toEqual([20, 40]);
  });

  it('wait for a receiver that nobody runs', async () => {
    box.put('http://127.0.0.1:1/hook', '{}');
    await until(() => box.retries.length >= 2, { what: 'it was tried' });
    expect(box.messages).toHaveLength(1);
  });

  it('follow no redirect', async () => {
    receiver.answer = () => 302;
    box.put(url, '{}');
    await until(() => box.retries.length >= 2, { what: 'it was tried' });
    expect(box.messages).toHaveLength(1);
  });

  it.each([
    ['one that the receiver wants no more', 410, Date.now()],
    ['one that is too old', 503, Date.now() - 61_000],
  ])('are given up: %s', async (_, status, createdAt) => {
    receiver.answer = () => status;
    box.put(url, '{}', createdAt);
    await empty();
    expect(receiver.received).toHaveLength(1);
  });

  it('do not stand in the way of each other', async () => {
    receiver.answer = (count) => (count === 1 ? 500 : 200);
    for (let index = 0; index < 40; index++) box.put(url, String(index));
    await empty();
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(40);
  });
});

describe('a webhook to a private address', () => {
  it('is refused, and not tried again', async () => {
    const agent = guardedAgent({ allowPrivate: false });
    const message = { id: '1', resource: 'books', body: '{}', attempt: 0, createdAt: Date.now() };
    const signal = AbortSignal.timeout(10_000);
    for (const url of ['http://127.0.0.1:9/', 'http://localhost:9/', 'http://[::ffff:10.0.0.1]/']) {
      expect(await postThrough(agent, [])({ ...message, url }, signal)).toMatchObject({ kind: 'refused' });
    }
    await agent.close();
  });
});
