import { request as httpRequest } from 'node:http';
import { until } from '../../../../test/support/until.js';
import {
  ANSWER,
  breaking,
  received,
  startContract,
  type RunningContract,
} from '../testing/contract-service.js';

let running: RunningContract;

beforeAll(async () => {
  running = await startContract();
});
afterAll(() => running.service.stop('test'));

interface Case {
  claim: string;
  method?: string;
  path?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  status: number;
  answer: unknown;
}

const error = (code: number, message: unknown) => ({ code, message, details: [] });
const text = (part: string): unknown => expect.stringContaining(part);

const CASES: Case[] = [
  {
    claim: 'an added resource is answered with the node, Address in capital',
    body: '{"id":"zjx","name":"task-test-4"}',
    status: 200,
    answer: ANSWER,
  },
  {
    claim: 'a deletion has a body and is answered with an empty object',
    method: 'DELETE',
    body: '{"id":"zjx","name":"task-test-4"}',
    status: 200,
    answer: {},
  },
  {
    claim: 'the greeter takes its name from the body',
    path: '/greeter/hello',
    body: '{"name":"Bob"}',
    status: 200,
    answer: { greeting: 'Hello Bob' },
  },
  {
    claim: 'the greeter takes its name from the query',
    path: '/greeter/hello?name=Bob',
    status: 200,
    answer: { greeting: 'Hello Bob' },
  },
  {
    claim: 'the body stands over the query',
    path: '/greeter/hello?name=Eve',
    body: '{"name":"Bob"}',
    status: 200,
    answer: { greeting: 'Hello Bob' },
  },
  {
    claim: 'an empty body is an empty message',
    path: '/greeter/hello',
    status: 200,
    answer: { greeting: 'Hello ' },
  },
  {
    claim: 'what curl -d sends as a form is read as JSON',
    body: '{"name":"a"}',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 200,
    answer: ANSWER,
  },
  {
    claim: 'an unknown content type is read as JSON',
    body: '{"name":"a"}',
    headers: { 'content-type': 'image/png' },
    status: 200,
    answer: ANSWER,
  },
  {
    claim: 'unknown fields are ignored',
    body: '{"name":"a","colour":{"deep":[1]}}',
    status: 200,
    answer: ANSWER,
  },
  { claim: 'null is unset', body: '{"name":null,"creation_time":null}', status: 200, answer: ANSWER },
  {
    claim: 'malformed JSON is refused',
    body: '{"name":',
    status: 400,
    answer: error(3, text('the request body is not valid JSON')),
  },
  {
    claim: 'bytes that are not UTF-8 are refused',
    body: Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
    status: 400,
    answer: error(3, 'the request body is not valid UTF-8'),
  },
  {
    claim: 'half of a surrogate pair is refused',
    body: String.raw`{"name":"\ud800"}`,
    status: 400,
    answer: error(3, text('surrogate')),
  },
  {
    claim: 'an escaped backslash before ud800 is no surrogate',
    body: String.raw`{"name":"\\ud800"}`,
    status: 200,
    answer: ANSWER,
  },
  {
    claim: 'a number for a string is refused with the field named',
    body: '{"name":7}',
    status: 400,
    answer: error(3, text('ResourceSpec.name')),
  },
  {
    claim: 'a number of many digits for a string is refused too',
    body: '{"name":1675470192274320001}',
    status: 400,
    answer: error(3, text('ResourceSpec.name')),
  },
  { claim: 'an array is no message', body: '[]', status: 400, answer: error(3, text('ResourceSpec')) },
  {
    claim: 'a number beyond int64 is refused',
    body: '{"creationTime":"9223372036854775808"}',
    status: 400,
    answer: error(3, text('creation_time')),
  },
  {
    claim: 'a body deeper than any stack does no harm',
    body: `{"name":"a","spec":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    status: 400,
    answer: error(3, text('')),
  },
  {
    claim: 'a body beyond the limit is refused with the limit named',
    body: JSON.stringify({ name: 'x'.repeat(1024 * 1024) }),
    status: 413,
    answer: error(3, 'the request body is larger than 1048576 bytes'),
  },
  { claim: 'an unknown path is not found', path: '/nope', status: 404, answer: error(5, 'Not Found') },
  {
    claim: 'a path that is no URL is refused',
    path: '/crawler/resource/%zz',
    method: 'GET',
    status: 400,
    answer: error(3, text('%zz')),
  },
  {
    claim: 'an error nobody foresaw tells nothing of itself',
    body: '{"name":"boom"}',
    status: 500,
    answer: error(13, 'internal error'),
  },
  {
    claim: 'a query has proto names, JSON names and numbers as text',
    method: 'GET',
    path: '/crawler/resource?page_size=25&nodeId=n-1&unknown=1',
    status: 200,
    answer: { resources: [], nextPageToken: '25/n-1', total: 25, counts: [] },
  },
  {
    claim: 'a query of the wrong type is refused',
    method: 'GET',
    path: '/crawler/resource?page_size=many',
    status: 400,
    answer: error(3, text('page_size')),
  },
  {
    claim: 'the path stands over the query, and unset fields and 64-bit numbers are written',
    method: 'GET',
    path: '/crawler/resource/a%20b?name=c',
    status: 200,
    answer: {
      id: '1',
      name: 'a b',
      nodeId: '',
      nodeAddress: '',
      createdAt: '1970-01-01T00:00:00Z',
      epoch: '1675470192274320000',
      spec: '',
    },
  },
  {
    claim: 'a spec within a list may be an object',
    path: '/crawler/resources',
    body: '{"resources":[{"name":"a","spec":{"seeds":["http://x"]}},{"name":"b","spec":"{}"}]}',
    status: 200,
    answer: {
      results: [
        { id: 'a', nodeId: '{"seeds":["http://x"]}', nodeAddress: '', code: 0, message: '' },
        { id: 'b', nodeId: '{}', nodeAddress: '', code: 0, message: '' },
      ],
    },
  },
  {
    claim: 'a body that is one field is taken as that field',
    method: 'PUT',
    path: '/crawler/resource/a/spec',
    body: '{"seeds":["http://x"]}',
    status: 200,
    answer: { id: '', name: 'a', nodeId: '', nodeAddress: '', epoch: '0', spec: '{"seeds":["http://x"]}' },
  },
  {
    claim: 'a call that the interceptor answers does not reach the handler',
    body: '{"name":"intercepted"}',
    status: 200,
    answer: { id: 'elsewhere', Address: 'far:1' },
  },
];

test.each(CASES)(
  '$claim',
  async ({ method = 'POST', path = '/crawler/resource', body, headers, status, answer }) => {
    const { statusCode, json } = await send(method, path, body, headers);
    expect({ status: statusCode, answer: json }).toEqual({ status, answer });
  },
);

test.each([
  ['{"creationTime":1675470192274320001}', 'a JSON number'],
  ['{"creationTime":"1675470192274320001"}', 'a string'],
  ['{"creation_time":1675470192274320001}', 'a number under the proto name'],
])('an int64 keeps all its digits as %s', async (body) => {
  await send('POST', '/crawler/resource', body);
  expect(received.at(-1)?.creationTime).toBe(1675470192274320001n);
});

test('a spec that is an object arrives as its text, one that is a string as it is', async () => {
  await send('POST', '/crawler/resource', '{"name":"a","spec":{"seeds":["http://x"],"maxDepth":2}}');
  expect(received.at(-1)?.spec).toBe('{"seeds":["http://x"],"maxDepth":2}');
  await send('POST', '/crawler/resource', JSON.stringify({ name: 'a', spec: '{ "seeds": [] }' }));
  expect(received.at(-1)?.spec).toBe('{ "seeds": [] }');
});

test('digits inside strings stay text', async () => {
  await send(
    'POST',
    '/crawler/resource',
    String.raw`{"name":"a \" 12345678901234567890","creationTime":1675470192274320001}`,
  );
  expect(received.at(-1)?.name).toBe('a " 12345678901234567890');
});

test.each([
  ['INVALID_ARGUMENT', 400, 3],
  ['NOT_FOUND', 404, 5],
  ['ALREADY_EXISTS', 409, 6],
  ['CONFLICT', 409, 10],
  ['PERMISSION_DENIED', 403, 7],
  ['RESOURCE_EXHAUSTED', 429, 8],
  ['FAILED_PRECONDITION', 400, 9],
  ['SUPERSEDED', 409, 10],
  ['UNIMPLEMENTED', 501, 12],
  ['UNAVAILABLE', 503, 14],
  ['NO_WORKER_NODES', 503, 14],
  ['NO_LEADER', 503, 14],
  ['LEASE_LOST', 503, 14],
  ['UNAUTHENTICATED', 401, 16],
  ['CANCELLED', 499, 1],
  ['DEADLINE_EXCEEDED', 504, 4],
])('%s is HTTP %i with code %i', async (name, status, code) => {
  const answer = await send('POST', '/crawler/resource', JSON.stringify({ name: `fail:${name}` }));
  expect(answer).toMatchObject({ statusCode: status, json: error(code, `failed with ${name}`) });
});

test.each([
  ['PUT', '/crawler/resource', 'DELETE, GET, HEAD, POST'],
  ['GET', '/greeter/hello', 'POST'],
  ['DELETE', '/crawler/resource/some', 'GET, HEAD'],
])('%s %s is answered with 405 and Allow: %s', async (method, path, allow) => {
  const { statusCode, json, headers } = await send(method, path);
  expect({ statusCode, allow: headers.allow, json }).toEqual({
    statusCode: 405,
    allow,
    json: error(12, 'Method Not Allowed'),
  });
});

test('a request is logged as the contract says, with only the fields that are set', async () => {
  await send('POST', '/crawler/resource', '{"id":"zjx","name":"task-forward"}');
  const line = running.logged().findLast((one) => one.msg === 'receive request');
  expect(line).toMatchObject({
    level: 'INFO',
    logger: 'master',
    method: 'CrawlerMaster.AddResource',
    Service: 'go.micro.server.master',
    'request param:': { id: 'zjx', name: 'task-forward' },
  });
  expect(Object.keys(line ?? {})).toEqual([
    'level',
    'ts',
    'logger',
    'caller',
    'msg',
    'method',
    'Service',
    'request param:',
  ]);
});

test('what went wrong in an unforeseen way stands in the log', async () => {
  await send('POST', '/crawler/resource', '{"name":"boom"}');
  const line = running.logged().findLast((one) => one.level === 'ERROR');
  expect(line).toMatchObject({ msg: 'unexpected error', error: { message: 'the password is hunter2' } });
});

test('an option of the call is a query parameter, but the mark of a forwarded call is not', async () => {
  await send('POST', '/crawler/resource?pending=true&forwarded-by=me', '{"name":"a"}');
  const call = running.spy.calls.at(-1);
  expect([call?.option('pending'), call?.option('forwarded-by'), call?.transport]).toEqual([
    'true',
    undefined,
    'rest',
  ]);
});

test('a stream of messages comes as server-sent events, each with its id and on one line', async () => {
  const answer = await fetch(`${running.rest}/crawler/event?after=1`);
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
    200,
    'text/event-stream',
    'no-store',
  ]);
  const [retry, ...events] = (await answer.text()).trimEnd().split('\n\n');
  expect(retry).toBe('retry: 1000');
  expect(events.map((event) => event.split('\n').map((line) => line.split(': ')[0]))).toEqual([
    ['id', 'data'],
    ['id', 'data'],
    ['event', 'data'],
  ]);
  const [, data] = events[0]?.split('\ndata: ') ?? [];
  expect(JSON.parse(data ?? '')).toMatchObject({ id: '2', kind: 'test', message: 'two\nlines', count: 2 });
});

test('a stream that comes to its end says so, one that only passes does not', async () => {
  const ended = async (after: string) =>
    (await (await fetch(`${running.rest}/crawler/event?after=${after}`)).text()).endsWith(
      'event: end\ndata: {}\n\n',
    );
  expect([await ended('2'), await ended('3')]).toEqual([true, false]);
});

describe('a file', () => {
  const items = (name: string) => fetch(`${running.rest}/crawler/resource/${encodeURIComponent(name)}/items`);

  test('comes with its type and its name, in whichever letters', async () => {
    const answer = await items('Bücher "1"');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/csv',
      'a,b\n1,2\n3,4\n',
    ]);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="B_cher__1_.csv"; filename*=UTF-8''B%C3%BCcher%20%221%22.csv`,
    );
  });

  test('that cannot be had is an answer in JSON', async () => {
    const answer = await items('fail:NOT_FOUND');
    expect([answer.status, await answer.json()]).toEqual([404, error(5, 'failed with NOT_FOUND')]);
  });

  test('that breaks off is no whole answer, and says nothing of why', async () => {
    const answer = await items('boom');
    expect(answer.status).toBe(200);
    breaking.abort();
    await expect(answer.text()).rejects.toThrow('terminated');
    // The caller may see it before we have said so.
    await until(
      async () => {
        const metrics = await (await fetch(`${running.rest}/metrics`)).text();
        return metrics.includes(
          'orbweaver_requests_total{method="Cluster.ExportItems",transport="rest",code="INTERNAL"} 1',
        );
      },
      { what: 'it is counted' },
    );
    const line = running.logged().findLast((one) => one.level === 'ERROR' && one.msg === 'unexpected error');
    expect(line).toMatchObject({ error: { message: 'the password is hunter2' } });
  });
});

test('requests are counted by method and code', async () => {
  await send('POST', '/crawler/resource', '{"name":"fail:NOT_FOUND"}');
  const metrics = await (await fetch(`${running.rest}/metrics`)).text();
  expect(metrics).toMatch(
    /orbweaver_requests_total\{method="CrawlerMaster.AddResource",transport="rest",code="NOT_FOUND"\} [1-9]/,
  );
});

interface Answer {
  statusCode: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  json: unknown;
}

/** Not fetch: it sets a content type of its own and mends paths. */
function send(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { port } = new URL(running.rest);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: { ...(body && { 'content-length': Buffer.byteLength(body) }), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            statusCode: response.statusCode,
            headers: response.headers,
            json: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
