import { execFile as execFileCallback, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { until } from '../../../test/support/until.js';
import { PprofServer } from './pprof-server.js';

const execFile = promisify(execFileCallback);

let server: PprofServer;
let base: string;

beforeAll(async () => {
  server = await PprofServer.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${server.address.port}/debug/pprof/`;
});
afterAll(() => server.close());

const go = spawnSync('go', ['version']).status === 0;
if (!go) {
  console.log('skipped: that `go tool pprof` opens the profiles, since there is no go on the PATH');
}
/** Newer versions of Go build the tool when it is first used. */
const GO_BUILDS_PPROF_MS = 120_000;
const withGo = go ? test : test.skip;

test('the index lists the profiles', async () => {
  const response = await fetch(base);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(await response.text()).toMatch(/href="profile.*href="heap/s);
});

test.each(['0', '-1', '1.5', '301', '1000', 'x'])(
  'seconds=%s is refused with what would be right',
  async (seconds) => {
    const response = await fetch(`${base}profile?seconds=${seconds}`);
    expect([response.status, await response.text()]).toEqual([
      400,
      'seconds must be a whole number from 1 to 300\n',
    ]);
  },
);

test('an unknown profile and a wrong method are told apart', async () => {
  expect((await fetch(`${base}goroutine`)).status).toBe(404);
  const posted = await fetch(`${base}heap`, { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('one CPU profile is taken at a time, and a caller that goes away ends its own', async () => {
  const gone = new AbortController();
  const both = [1, 2].map(() => fetch(`${base}profile?seconds=300`, { signal: gone.signal }));
  expect((await Promise.race(both)).status).toBe(409);
  gone.abort();
  expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual([
    'fulfilled',
    'rejected',
  ]);
  const response = await until(
    async () => {
      const next = await fetch(`${base}profile?seconds=1`);
      if (next.status === 200) return next;
      await next.text();
      return undefined;
    },
    { what: 'the next profile is taken' },
  );
  gunzipSync(Buffer.from(await response.arrayBuffer()));
});

test('a heap profile is given as often as it is asked for', async () => {
  for (let i = 0; i < 2; i++) {
    const response = await fetch(`${base}heap`);
    expect(response.status).toBe(200);
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).length).toBeGreaterThan(0);
  }
});

withGo.each(['profile?seconds=1', 'heap'])(
  'go tool pprof opens %s',
  async (path) => {
    const directory = await mkdtemp(join(tmpdir(), 'orbweaver-pprof-'));
    const busy = setInterval(() => JSON.parse(JSON.stringify(Array.from({ length: 5_000 }, String))), 1);
    try {
      const response = await fetch(base + path);
      const profile = Buffer.from(await response.arrayBuffer());
      expect([response.status, response.status === 200 ? '' : profile.toString()]).toEqual([200, '']);
      const file = join(directory, 'profile');
      await writeFile(file, profile);
      const env = { ...process.env, PPROF_TMPDIR: directory };
      const { stdout } = await execFile('go', ['tool', 'pprof', '-top', file], { env });
      expect(stdout).toMatch(/flat\s+flat%/);
    } finally {
      clearInterval(busy);
      await rm(directory, { recursive: true, force: true });
    }
  },
  GO_BUILDS_PPROF_MS,
);
