import { createServer, type Server } from 'node:net';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { cluster, crawler } from '@app/proto';
import { settled, until } from '../../../../test/support/until.js';
import { startContract } from '../testing/contract-service.js';

test.each(['http', 'grpc', 'pprof'] as const)(
  'a taken %s port is named in the error, and nothing stays bound',
  async (which) => {
    const taken = await listening();
    const { port } = taken.address() as { port: number };
    try {
      await expect(startContract({ [which]: { host: '127.0.0.1', port } })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(
          new RegExp(`^cannot listen on 127.0.0.1:${port} for .*: the port is taken$`),
        ),
      });
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  },
);

test('an empty host is all interfaces', async () => {
  const any = { host: '', port: 0 };
  const running = await startContract({ http: any, grpc: any, pprof: any });
  try {
    expect((await fetch(`${running.rest}/livez`)).status).toBe(200);
    expect(await add(running.grpc, 'a')).toBe('ok');
  } finally {
    await running.service.stop('test');
  }
});

test('readiness is 503 with the reasons until every condition is met', async () => {
  const { readiness, rest, service } = await startContract();
  try {
    const etcd = readiness.condition('etcd', 'no answer from 127.0.0.1:2379');
    readiness.condition('leader').met();
    const before = await fetch(`${rest}/readyz`);
    expect([before.status, await before.json()]).toEqual([
      503,
      {
        ready: false,
        conditions: { etcd: { ok: false, reason: 'no answer from 127.0.0.1:2379' }, leader: { ok: true } },
      },
    ]);
    etcd.met();
    expect((await fetch(`${rest}/readyz`)).status).toBe(200);
  } finally {
    await service.stop('test');
  }
});

test('stopping runs the steps newest first while calls are still answered, then takes no more', async () => {
  const running = await startContract();
  const order: string[] = [];
  running.service.onStop('first', async () => {
    order.push(`first ${await add(running.grpc, 'a')}`);
  });
  running.service.onStop('second', () => {
    order.push('second');
  });
  running.service.onStop('broken', () => Promise.reject(new Error('no')));
  await Promise.all([running.service.stop('test'), running.service.stop('again')]);
  expect(order).toEqual(['second', 'first ok']);
  expect(running.service.stopping.aborted).toBe(true);
  await expect(fetch(`${running.rest}/livez`)).rejects.toThrow('fetch failed');
  expect(await add(running.grpc, 'a')).not.toBe('ok');
  expect(running.logged().map((line) => line.msg)).toContain('a step of stopping failed');
});

test('a step that hangs is left behind at the deadline', async () => {
  const running = await startContract({ shutdownTimeoutMs: 200 });
  let told = false;
  running.service.onStop('stuck', (signal) => {
    signal.addEventListener('abort', () => (told = true));
    return new Promise(() => {});
  });
  await settled(running.service.stop('test'), { what: 'the service has stopped' });
  expect(told).toBe(true);
});

test('an open stream is ended with UNAVAILABLE and a running call is finished', async () => {
  const running = await startContract();
  const client = new Client(running.grpc, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = cluster.ClusterService.watchResources;
  const request = { nodeId: '', prefix: '' };
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  const events: unknown[] = [];
  stream.on('data', (event) => events.push(event));
  const ended = new Promise<ServiceError>((resolve) =>
    stream.once('error', (error) => resolve(error as ServiceError)),
  );
  await until(() => events.length === 1, { what: 'the stream runs' });
  const slow = add(running.grpc, 'slow');
  await until(() => running.spy.calls.some((call) => (call.request as { name?: string }).name === 'slow'), {
    what: 'the call runs',
  });
  await running.service.stop('test');
  expect((await ended).code).toBe(status.UNAVAILABLE);
  expect(await slow).toBe('ok');
  client.close();
});

test('the documentation is complete on this machine: page, assets and a document made from the contract', async () => {
  const { rest, service } = await startContract();
  try {
    const page = await (await fetch(`${rest}/docs`)).text();
    for (const [, asset] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const response = await fetch(rest + asset);
      expect([response.status, (await response.text()).length > 1_000]).toEqual([200, true]);
    }
    expect(page).not.toMatch(/https?:/);
    const document = (await (await fetch(`${rest}/docs/openapi.json`)).json()) as {
      paths: Record<string, Record<string, object>>;
    };
    expect(document.paths['/crawler/resource']?.post).toMatchObject({
      summary: 'Adds a resource',
      parameters: [{ name: 'pending', in: 'query' }],
      requestBody: {
        content: {
          'application/json': {
            example: { id: 'zjx', name: 'task-test-4' },
            schema: { $ref: '#/components/schemas/ResourceSpec' },
          },
        },
      },
    });
    expect(document.paths['/crawler/resource/{name}']?.get).toMatchObject({
      parameters: [{ name: 'name', in: 'path', required: true }],
    });
    expect(document.paths['/crawler/resource']?.get).toMatchObject({
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'states', schema: { type: 'array', items: { type: 'string' } } }),
      ]),
    });
    expect(document).toMatchObject({
      components: {
        schemas: {
          NodeSpec: { properties: { id: { type: 'string' }, Address: { type: 'string' } } },
          ResourceSpec: {
            properties: { spec: { description: expect.stringContaining('256 KiB') as string } },
          },
        },
      },
    });
  } finally {
    await service.stop('test');
  }
});

async function listening(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function add(address: string, name: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = crawler.CrawlerMasterService.addResource;
  const client = new Client(address, credentials.createInsecure());
  const request = { id: '', name, assignedNode: '', creationTime: 0n, spec: '' };
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      { deadline: Date.now() + 30_000 },
      (error) => {
        client.close();
        resolve(error === null ? 'ok' : error.details);
      },
    );
  });
}
