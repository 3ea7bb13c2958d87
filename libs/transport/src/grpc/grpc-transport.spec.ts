import { connect } from 'node:http2';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { cluster, crawler, greeter, health, reflection } from '@app/proto';
import { until } from '../../../../test/support/until.js';
import { ANSWER, SERVICE, startContract, type RunningContract } from '../testing/contract-service.js';

let running: RunningContract;
let client: Client;

beforeAll(async () => {
  running = await startContract();
  client = new Client(running.grpc, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await running.service.stop('test');
});

const { addResource, deleteResource } = crawler.CrawlerMasterService;

function spec(name: string): crawler.ResourceSpec {
  return { id: 'zjx', name, assignedNode: '', creationTime: 0n, spec: '' };
}

interface Unary<Q, A> {
  path: string;
  requestSerialize: (value: Q) => Buffer;
  responseDeserialize: (value: Buffer) => A;
}

function call<Q, A>(
  method: Unary<Q, A>,
  request: Q,
  path = method.path,
  metadata = new Metadata(),
): Promise<A> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      { deadline: Date.now() + 30_000 },
      (error, answer) => (error === null ? resolve(answer as A) : reject(error)),
    );
  });
}

function failure(attempt: Promise<unknown>): Promise<ServiceError> {
  return attempt.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as ServiceError,
  );
}

test('a service without a package is served under its bare name', async () => {
  expect(await call(addResource, spec('a'))).toEqual(ANSWER);
  expect(await call(deleteResource, spec('a'))).toEqual({});
});

test.each([
  [`/${SERVICE}.CrawlerMaster/AddResource`, addResource, spec('a'), ANSWER],
  [`/${SERVICE}.Greeter/Hello`, greeter.GreeterService.hello, { name: 'Bob' }, { greeting: 'Hello Bob' }],
])('%s is served too, as go-micro calls it', async (path, method, request, answer) => {
  expect(await call(method as Unary<unknown, unknown>, request, path)).toEqual(answer);
});

test.each(['application/grpc', 'application/grpc+proto'])('content type %s is understood', async (type) => {
  const message = addResource.requestSerialize(spec('a'));
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  const session = connect(`http://${running.grpc}`);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/CrawlerMaster/AddResource',
      'content-type': type,
      te: 'trailers',
    });
    const trailers = new Promise<Record<string, unknown>>((resolve) => stream.once('trailers', resolve));
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.end(Buffer.concat([frame, message]));
    expect((await trailers)['grpc-status']).toBe('0');
    expect(addResource.responseDeserialize(Buffer.concat(chunks).subarray(5))).toEqual(ANSWER);
  } finally {
    session.close();
  }
});

test.each([
  ['NOT_FOUND', status.NOT_FOUND],
  ['NO_WORKER_NODES', status.UNAVAILABLE],
  ['SUPERSEDED', status.ABORTED],
  ['ALREADY_EXISTS', status.ALREADY_EXISTS],
])('%s arrives with its message and without status details', async (code, expected) => {
  const error = await failure(call(addResource, spec(`fail:${code}`)));
  expect(error.code).toBe(expected);
  expect(error.details).toBe(`failed with ${code}`);
  expect(error.metadata.get('grpc-status-details-bin')).toEqual([]);
  expect(error.metadata.get('orbweaver-code')).toEqual([code]);
});

test('an error nobody foresaw is masked, and logged once', async () => {
  const before = running.logged().length;
  const error = await failure(call(addResource, spec('boom')));
  expect([error.code, error.details]).toEqual([status.INTERNAL, 'internal error']);
  const logged = running
    .logged()
    .slice(before)
    .filter((line) => line.level === 'ERROR');
  expect(logged).toMatchObject([{ msg: 'unexpected error', error: { message: 'the password is hunter2' } }]);
});

test('a method of a served service that has no handler is unimplemented', async () => {
  const error = await failure(call(cluster.ClusterService.listNodes, {}));
  expect(error.code).toBe(status.UNIMPLEMENTED);
});

test('the interceptor sees the error as it was thrown, and the options in the metadata', async () => {
  const metadata = new Metadata();
  metadata.set('orbweaver-forwarded-by', 'master1-127.0.0.1:9091');
  await failure(call(addResource, spec('fail:NOT_LEADER'), addResource.path, metadata));
  expect(running.spy.errors.at(-1)).toMatchObject({ name: 'OrbweaverError', code: 'NOT_LEADER' });
  const seen = running.spy.calls.at(-1);
  expect(seen?.option('forwarded-by')).toBe('master1-127.0.0.1:9091');
  expect(seen?.option('pending')).toBeUndefined();
  expect(seen?.remainingMs()).toBeGreaterThan(0);
});

test('a caller that goes is noticed by its signal', async () => {
  const request = client.makeUnaryRequest(
    addResource.path,
    addResource.requestSerialize,
    addResource.responseDeserialize,
    spec('slow'),
    () => {},
  );
  const seen = await until(
    () => running.spy.calls.findLast((one) => (one.request as { name: string }).name === 'slow'),
    {
      what: 'the call is seen',
    },
  );
  const { signal } = seen;
  request.cancel();
  await until(() => signal.aborted, { what: 'the signal fires' });
  expect(signal.reason).toMatchObject({ code: 'CANCELLED' });
});

test('a request is logged as over REST', async () => {
  await call(addResource, { ...spec('task-forward'), spec: 'x'.repeat(2_000) });
  const line = running.logged().findLast((one) => one.msg === 'receive request');
  expect(line).toMatchObject({
    method: 'CrawlerMaster.AddResource',
    Service: SERVICE,
    'request param:': { id: 'zjx', name: 'task-forward', spec: expect.stringMatching(/^x{512}…/) },
  });
});

test('health follows readiness, and its calls are not logged', async () => {
  const condition = running.readiness.condition('etcd', 'no answer');
  const { check } = health.HealthService;
  const before = running.logged().length;
  expect((await call(check, { service: '' })).status).toBe(2);
  condition.met();
  expect((await call(check, { service: 'CrawlerMaster' })).status).toBe(1);
  expect((await failure(call(check, { service: 'nope' }))).code).toBe(status.NOT_FOUND);
  expect(running.logged()).toHaveLength(before);
});

test('health is watched', async () => {
  const condition = running.readiness.condition('other', 'not yet');
  const { path, requestSerialize, responseDeserialize } = health.HealthService.watch;
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' });
  const seen: number[] = [];
  stream.on('data', (message: health.HealthCheckResponse) => seen.push(message.status));
  stream.on('error', () => {});
  await until(() => seen.length === 1, { what: 'the first status' });
  condition.met();
  await until(() => seen.length === 2, { what: 'the change' });
  stream.cancel();
  expect(seen).toEqual([2, 1]);
});

test.each(['v1', 'v1alpha'])('reflection %s names what is served and describes it', async (version) => {
  const { requestSerialize, responseDeserialize } = reflection.ServerReflectionService.serverReflectionInfo;
  const stream = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    requestSerialize,
    responseDeserialize,
  );
  const answers: reflection.ServerReflectionResponse[] = [];
  stream.on('data', (answer: reflection.ServerReflectionResponse) => answers.push(answer));
  const asked = ['CrawlerMaster', 'CrawlerMaster.AddResource', 'orbweaver.v1.Cluster', 'Nope'];
  stream.write(request({ listServices: '*' }));
  stream.write(request({ fileByFilename: 'greeter.proto' }));
  asked.forEach((symbol) => stream.write(request({ fileContainingSymbol: symbol })));
  await until(() => answers.length === 6, { what: 'every answer' });
  stream.end();
  expect(answers[0]?.listServicesResponse?.service.map(({ name }) => name)).toEqual([
    'Greeter',
    'grpc.health.v1.Health',
    'orbweaver.v1.Process',
    'CrawlerMaster',
    'orbweaver.v1.Cluster',
  ]);
  expect(
    answers.slice(1).map((answer) => answer.fileDescriptorResponse?.fileDescriptorProto.map(fileName)),
  ).toEqual([
    ['greeter.proto'],
    ['crawler.proto', 'google/protobuf/empty.proto'],
    ['crawler.proto', 'google/protobuf/empty.proto'],
    ['orbweaver/v1/cluster.proto', 'google/protobuf/timestamp.proto', 'orbweaver/v1/worker.proto'],
    undefined,
  ]);
  expect(answers[5]?.errorResponse).toMatchObject({ errorCode: status.NOT_FOUND });
});

function request(fields: Partial<reflection.ServerReflectionRequest>): reflection.ServerReflectionRequest {
  return { host: '', ...fields };
}

function fileName(bytes: Uint8Array): string {
  return fromBinary(FileDescriptorProtoSchema, bytes).name;
}

test('an error before a stream begins is masked too', async () => {
  const { path, requestSerialize, responseDeserialize } = cluster.ClusterService.watchResources;
  const request = { nodeId: '', prefix: 'boom' };
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  stream.on('data', () => {});
  const error = await new Promise<ServiceError>((resolve) =>
    stream.once('error', (e) => resolve(e as ServiceError)),
  );
  expect([error.code, error.details]).toEqual([status.INTERNAL, 'internal error']);
});
