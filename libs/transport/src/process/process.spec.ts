import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { gunzipSync } from 'node:zlib';
import { process as proto, type worker } from '@app/proto';
import { startContract, type RunningContract } from '../testing/contract-service.js';

let running: RunningContract;
let client: Client;
/** By then this process had been started. */
const runningAt = Date.now();

beforeAll(async () => {
  running = await startContract();
  client = new Client(running.grpc, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await running.service.stop('test');
});

const { getProcess, takeProfile } = proto.ProcessService;

function take(kind: string, seconds = 0) {
  return client.makeServerStreamRequest(
    takeProfile.path,
    takeProfile.requestSerialize,
    takeProfile.responseDeserialize,
    { kind, seconds },
    new Metadata(),
    { deadline: Date.now() + 60_000 },
  );
}

async function chunks(kind: string, seconds?: number): Promise<worker.ExportChunk[]> {
  const all: worker.ExportChunk[] = [];
  for await (const chunk of take(kind, seconds)) all.push(chunk as worker.ExportChunk);
  return all;
}

test('every service tells its version, start and memory', async () => {
  const told = await new Promise<proto.ProcessStatus>((resolve, reject) => {
    client.makeUnaryRequest(
      getProcess.path,
      getProcess.requestSerialize,
      getProcess.responseDeserialize,
      {},
      (error, answer) => (error === null ? resolve(answer!) : reject(error)),
    );
  });
  expect(told.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(told.memory).toBeGreaterThan(10_000_000n);
  const startedAt = Number(told.startedAt!.seconds);
  expect(startedAt).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1_000 - process.uptime()) - 1);
  expect(startedAt).toBeLessThanOrEqual(runningAt / 1_000);
});

test.each([
  ['', 1, /^cpu-\d{8}T\d{6}Z\.pb\.gz$/],
  ['heap', 0, /^heap-\d{8}T\d{6}Z\.pb\.gz$/],
])('a profile %p is a named file in pieces', async (kind, seconds, name) => {
  const pieces = await chunks(kind, seconds);
  expect(pieces[0]!.fileName).toMatch(name);
  expect(pieces.every(({ data }) => data.length <= 256 * 1024)).toBe(true);
  gunzipSync(Buffer.concat(pieces.map(({ data }) => data)));
});

test.each([
  ['goroutine', 0, 'no profile "goroutine": cpu or heap'],
  ['cpu', -1, 'seconds must be a whole number from 1 to 300'],
  ['cpu', 301, 'seconds must be a whole number from 1 to 300'],
])('a profile %p of %p seconds is refused with what would be right', async (kind, seconds, details) => {
  await expect(chunks(kind, seconds)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details });
});

test('while one CPU profile is taken another is refused, until the caller of the first goes', async () => {
  const first = take('cpu', 300);
  const over = new Promise((resolve) => first.once('error', resolve));
  for (;;) {
    const outcome = await chunks('cpu', 1).then(
      () => 'taken',
      (error: { code: status }) => error.code,
    );
    // The first may not have arrived yet.
    if (outcome === 'taken') continue;
    expect(outcome).toBe(status.RESOURCE_EXHAUSTED);
    break;
  }
  first.cancel();
  await over;
  for (;;) {
    const pieces = await chunks('cpu', 1).catch(() => undefined);
    if (pieces !== undefined) break;
  }
});
