import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBareService, type BareService } from './served-paths.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (file: string): string => readFileSync(`${root}/${file}`, 'utf8');

interface Instruction {
  name: string;
  value: string;
}

/** The Dockerfile's instructions by stage, continued lines joined and comments left out. */
const stages = text('docker/Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split(/^(?=FROM )/m)
  .filter((stage) => stage.startsWith('FROM '))
  .map((stage) =>
    stage
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): Instruction => {
        const [name = '', ...rest] = line.split(' ');
        return { name, value: rest.join(' ').trim() };
      }),
  );
const final = stages.at(-1) ?? [];
const last = (name: string): string => final.findLast((entry) => entry.name === name)?.value ?? '';

describe('the image', () => {
  it('runs node itself, as nobody in particular, and is stopped by SIGTERM', () => {
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual([
      'node',
      '--enable-source-maps',
      '--max-semi-space-size=32',
      '/app/bin/orbweaver.js',
    ]);
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(last('STOPSIGNAL')).toBe('SIGTERM');
  });

  it('is built with a Node that the program supports, on glibc', () => {
    const base = /^ARG NODE_IMAGE=node:(?<major>\d+)-(?<system>\S+)$/m.exec(text('docker/Dockerfile'));
    expect((JSON.parse(text('package.json')) as { engines: { node: string } }).engines.node).toContain(
      `>=${base?.groups?.['major']}.`,
    );
    expect(base?.groups?.['system']).toMatch(/^(?!alpine).*-slim$/);
  });

  it('copies only what there is, what the builder gets and what its own entry point needs', () => {
    const ignored = text('.dockerignore').split('\n');
    const copied = stages
      .flat()
      .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from='))
      .flatMap(({ value }) => value.split(' ').slice(0, -1));
    expect(copied.length).toBeGreaterThan(5);
    for (const source of copied) {
      expect([source, existsSync(`${root}/${source}`)]).toEqual([source, true]);
      expect(ignored).toContain(`!${source}`);
    }
    expect(copied).toContain('bin');
    expect(existsSync(`${root}/bin/orbweaver.js`)).toBe(true);
  });

  it('leaves nothing that developers only need: the second stage takes what was built and pruned', () => {
    const builder = stages[0]?.filter(({ name }) => name === 'RUN').map(({ value }) => value) ?? [];
    expect(builder.findIndex((run) => run.includes('npm prune --omit=dev'))).toBe(builder.length - 1);
    const taken = final.filter(({ name, value }) => name === 'COPY' && value.startsWith('--from=build'));
    expect(taken.map(({ value }) => value.split(' ').at(-2))).toEqual(
      expect.arrayContaining(['/app/package.json', '/app/node_modules', '/app/dist', '/app/bin']),
    );
  });
});

describe('the health probe of the image', () => {
  const run = promisify(execFile);
  const probe = (...args: string[]): Promise<number> =>
    run(process.execPath, [`${root}/docker/probe.mjs`, ...args], { timeout: 60_000 }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  let service: BareService;
  let silent: Server;
  beforeAll(async () => {
    service = await startBareService();
    silent = createServer().listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await service?.stop();
    silent.close();
  });

  it('is content with a ready process and not with one that is not', async () => {
    service.setReady(true);
    expect(await probe(service.url('/readyz'), '30000')).toBe(0);
    service.setReady(false);
    expect(await probe(service.url('/readyz'))).toBe(1);
    expect(await probe(service.url('/nothing-here'))).toBe(1);
  });

  it('gives up on a port that is closed or says nothing', async () => {
    const { port } = silent.address() as AddressInfo;
    expect(await probe(`http://127.0.0.1:${port}/readyz`, '200')).toBe(1);
    expect(await probe('http://127.0.0.1:1/readyz')).toBe(1);
    expect(await probe('not a url')).toBe(1);
  });
});
