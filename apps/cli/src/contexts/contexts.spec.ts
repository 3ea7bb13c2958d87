import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextsFile, readContexts, serversOf, writeContexts } from './contexts.js';

describe('contexts', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbweaver-contexts-'));
    file = join(directory, 'orbweaver', 'config.yaml');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('stand where the environment says, or in the home directory', () => {
    expect(contextsFile({ ORBWEAVER_CONFIG: '/x.yaml', XDG_CONFIG_HOME: '/xdg' })).toBe('/x.yaml');
    expect(contextsFile({ XDG_CONFIG_HOME: '/xdg' })).toBe('/xdg/orbweaver/config.yaml');
    expect(contextsFile({})).toMatch(/\.config\/orbweaver\/config\.yaml$/);
  });

  it('are none when there is no file', () => {
    expect(readContexts(file)).toEqual({ current: undefined, contexts: {} });
  });

  it('are read as they were written, with nothing left beside the file', async () => {
    const written = { current: 'a', contexts: { a: { server: ['http://a:8081', 'http://b:8081'] } } };
    writeContexts(file, written);
    expect(readContexts(file)).toEqual(written);
    expect(await readdir(join(directory, 'orbweaver'))).toEqual(['config.yaml']);
  });

  it.each([
    ['contexts: {a: {server: []}}', 'server'],
    ['contexts: {a: {server: [nowhere]}}', 'URL'],
    ['context: {}', 'context'],
    ['contexts: [', 'is wrong'],
  ])('that cannot be read are said, with the file: %s', async (text, reason) => {
    const path = join(directory, 'wrong.yaml');
    await writeFile(path, text);
    expect(() => readContexts(path)).toThrow(path);
    expect(() => readContexts(path)).toThrow(reason);
  });

  it('give the servers of the one that is named, else of the current one', () => {
    const known = { current: 'a', contexts: { a: { server: ['http://a'] }, b: { server: ['http://b'] } } };
    expect(serversOf(known, undefined)).toEqual(['http://a']);
    expect(serversOf(known, 'b')).toEqual(['http://b']);
    expect(serversOf({ current: undefined, contexts: {} }, undefined)).toBeUndefined();
    expect(() => serversOf(known, 'c')).toThrow('There is no context "c"; there are a, b.');
  });
});
