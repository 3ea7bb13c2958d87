/** What the API's documentation shows. */

const node = { id: 'go.micro.server.worker-2', address: '10.156.157.194:11902' };

export const spec = { seeds: ['https://example.com/'], maxDepth: 3, maxPages: 1000, delay: '1s' };

const task = {
  name: 'example',
  state: 'running',
  reason: '',
  pagesDone: '120',
  pagesQueued: '48',
  pagesFailed: '2',
  since: '2026-11-22T14:52:26.660Z',
  nodeId: node.id,
  epoch: '1815',
  items: '96',
  pagesPerSecond: 12.5,
  run: 3,
  retry: 0,
  waiting: [
    { host: 'example.com', reason: 'HTTP 429', until: '2026-11-22T14:53:26.660Z', cause: 'back off' },
  ],
};

const control = { paused: false, run: 3, retry: 0, generation: 0 };

const listed = {
  id: '1621665639791857664',
  name: 'example',
  nodeId: node.id,
  nodeAddress: node.address,
  createdAt: '2023-02-04T01:36:32.274320Z',
  epoch: '1815',
  spec: '',
};

export const resource = {
  ...listed,
  spec: JSON.stringify(spec),
  task,
  control,
  nextRunAt: '2026-11-23T03:00:00Z',
};
export const paused = { ...listed, control: { ...control, paused: true } };
export const resumed = { ...listed, control };
export const restart = { fromScratch: false, expected: control };
export const restarted = { ...listed, control: { ...control, run: 4 } };
export const retry = { expected: control };
export const retried = { ...listed, control: { ...control, retry: 1 } };
const counts = [
  { state: 'done', count: 948 },
  { state: 'running', count: 53 },
];
export const resources = {
  resources: [{ ...listed, task }],
  nextPageToken: 'ZXhhbXBsZQ',
  total: 1001,
  counts,
};
export const addition = { name: 'example', spec };
export const assignment = { id: node.id, Address: node.address };
export const removal = { name: 'example' };

export const additions = { resources: [{ name: 'example', spec }, { name: 'douban_book_list' }] };
export const additionResults = {
  results: [
    { id: listed.id, nodeId: node.id, nodeAddress: node.address, code: 0, message: '' },
    {
      id: '',
      nodeId: '',
      nodeAddress: '',
      code: 6,
      message: 'resource "douban_book_list" exists with another spec',
    },
  ],
};

const worker = { ...node, load: 501, draining: false, state: 'crawling', running: 499, pages: '81205' };
export const nodes = { nodes: [worker] };
export const draining = { ...worker, draining: true };

export const masters = {
  masters: [
    { id: 'go.micro.server.master-1', address: '10.156.157.194:9091', leader: true },
    { id: 'go.micro.server.master-2', address: '10.156.157.195:9091', leader: false },
  ],
  leader: {
    value: 'master1-10.156.157.194:9091',
    address: '10.156.157.194:9091',
    term: '1207',
    since: '2026-11-22T14:52:26.660Z',
  },
  lastEnd: {
    value: 'master2-10.156.157.195:9091',
    term: '988',
    at: '2026-11-22T14:52:26.602Z',
    cause: 'resigned',
    reason: 'It was stopped.',
  },
};

export const pages = {
  pages: [
    {
      url: 'https://example.com/',
      status: 200,
      title: 'Example Domain',
      depth: 0,
      fetchedAt: '2026-11-22T14:52:27.012Z',
      bytes: '1256',
      error: '',
      state: 'done',
      attempts: 1,
      rule: 'page',
    },
  ],
  nextPageToken: '',
};

export const specs = {
  specs: [
    {
      spec: JSON.stringify({ ...spec, delay: '2s' }),
      replacedAt: '2026-11-22T15:10:02.118Z',
      revision: '1815',
    },
  ],
};

export const explanation = {
  name: 'example',
  state: 'running',
  cause: 'back off',
  reason: 'example.com asked for fewer requests and is left alone until 2026-11-22T14:53:26Z (HTTP 429).',
  remedy: 'Wait, and give the spec a longer delay if it happens again.',
};

export const items = {
  items: [
    {
      rule: 'page',
      url: 'https://example.com/',
      position: 0,
      fetchedAt: '2026-11-22T14:52:27.012Z',
      epoch: '1815',
      run: 3,
      specHash: '5f0c61a8d0d04e2db0c9d7a4c0ab7c55',
      data: '{"title":"Example Domain"}',
    },
  ],
  nextPageToken: '',
  searched: '1',
};

export const history = {
  points: [
    {
      at: '2026-11-22T14:52:20Z',
      done: '118',
      failed: '2',
      items: '96',
      bytes: '1483264',
      queued: '48',
    },
  ],
  stepSeconds: 10,
  statuses: [
    { status: 200, pages: '118' },
    { status: 404, pages: '2' },
  ],
};

export const hosts = {
  hosts: [
    {
      host: 'example.com',
      inHand: 12,
      open: 0,
      delayMs: '1000',
      concurrency: 2,
      wait: task.waiting[0],
      failures: 1,
      robots: 'allows',
    },
  ],
};

export const trial = {
  spec: {
    seeds: ['https://example.com/'],
    rules: { page: { fields: { title: { css: 'h1', required: true } } } },
  },
};

export const tried = {
  asked: 'https://example.com/',
  url: 'https://example.com/',
  status: 200,
  tookMs: '84',
  bytes: '1256',
  rule: 'page',
  title: 'Example Domain',
  allowed: true,
  robots: 'there is no robots.txt',
  remarks: [],
  error: '',
  fields: [
    {
      name: 'title',
      place: 'h1',
      type: 'text',
      required: true,
      values: ['"Example Domain"'],
      missCount: 0,
      miss: '',
    },
  ],
  follows: [],
  items: ['{"title":"Example Domain"}'],
  itemCount: 1,
  linkCount: 0,
  log: [],
};

export const itemFiles = [
  'application/x-ndjson',
  'application/json',
  'text/csv',
  'application/vnd.apache.parquet',
];
