import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../../test/support/until.js';
import { chunksOf } from './chunks.js';
import { messagesOf } from './event-stream.js';
import { FakeMaster, started } from '../testing/fake-master.js';

const line = (number: number, fields: object = {}) => ({
  number: String(number),
  at: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
  level: 'info',
  message: `line ${number}`,
  fields: '',
  nodeId: 'go.micro.server.worker-1',
  epoch: '7',
  traceId: '',
  ...fields,
});

/** As masters send it. */
function told(response: ServerResponse, ...lines: object[]): void {
  opened(response).write(`id: ${lines.length}\ndata: ${JSON.stringify({ lines })}\n\n`);
}

function opened(response: ServerResponse): ServerResponse {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  return response;
}

function ended(response: ServerResponse): true {
  response.end(END);
  return true;
}

const END = 'event: end\ndata: {}\n\n';

describe('what goes on through the death of a master', () => {
  const masters: FakeMaster[] = [];
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'orbweaver-follow-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(masters.splice(0).map((master) => master.stop().catch(() => undefined)));
  });

  /** Of files that are not whole yet. */
  const parts = () => readdirSync(directory).filter((name) => name.endsWith('.partial'));

  async function two(): Promise<{ first: FakeMaster; second: FakeMaster; server: string }> {
    const [first, second] = [new FakeMaster(), new FakeMaster()];
    masters.push(first, second);
    return { first, second, server: `--server=${await first.start()},${await second.start()}` };
  }

  it('a log is followed from its last number, and ends when the task is deleted', async () => {
    const { first, second, server } = await two();
    first.stream = ({ url }, response) => {
      const isFollowed = url.includes('follow');
      told(response, ...(isFollowed ? [line(3)] : [line(1), line(2)]));
      return isFollowed || ended(response);
    };
    second.stream = ({ url }, response) => {
      if (!url.includes('/log')) return false;
      told(response, line(4));
      return ended(response);
    };
    second.answer = () => ({ status: 404, body: { code: 5, message: 'no such task' } });
    const { done, stdout, stderr } = started([server, 'logs', 'shop', '--follow', '-o', 'json']);
    await until(() => stdout().includes('line 3'), { what: 'it is followed' });
    await first.stop();
    expect(await done).toBe(0);
    const numbers = stdout()
      .trim()
      .split('\n')
      .map((text) => (JSON.parse(text) as { number: string }).number);
    expect(numbers).toEqual(['1', '2', '3', '4']);
    expect(first.requests.map(({ url }) => url)).toEqual([
      '/crawler/resource/shop/log?after=0',
      '/crawler/resource/shop/log?after=2&follow=true',
    ]);
    expect(second.requests[0]?.url).toBe('/crawler/resource/shop/log?after=3&follow=true');
    const [one, other] = server.replace('--server=', '').split(',');
    expect(stderr()).toMatch(
      new RegExp(
        `^Not connected since \\d\\d:\\d\\d:\\d\\dZ( \\(\\d+s\\))?: ${one} is gone\\.\nConnected again, to ${other}\\.\nshop is deleted\\.\n$`,
      ),
    );
  });

  it('a log is shown for people: its fields, without what would steer the terminal', async () => {
    const { first, server } = await two();
    first.stream = (_, response) => {
      told(response, line(1, { fields: '{"pages":12,"why":"x"}', message: 'run over\u001B[2J' }));
      return ended(response);
    };
    const { done, stdout } = started([server, 'logs', 'shop']);
    expect(await done).toBe(0);
    expect(stdout()).toBe('2026-01-01T00:00:01.000Z  info   worker-1   run over [2J  pages=12 why=x\n');
  });

  it('the last lines of a level are counted after the others are left out', async () => {
    const { first, server } = await two();
    first.stream = (_, response) => {
      told(response, line(1, { level: 'error' }), line(2, { level: 'warn' }), line(3), line(4));
      return ended(response);
    };
    const warned = started([server, 'logs', 'shop', '--level=warn', '--tail=1', '-o', 'json']);
    expect(await warned.done).toBe(0);
    expect(JSON.parse(warned.stdout())).toMatchObject({ number: '2', level: 'warn' });
    expect(first.requests.at(-1)?.url).toBe('/crawler/resource/shop/log?after=0');
    const late = started([server, 'logs', 'shop', '--since=2026-01-01T00:00:04Z', '-o', 'json']);
    expect(await late.done).toBe(0);
    expect(JSON.parse(late.stdout())).toMatchObject({ number: '4' });
    await started([server, 'logs', 'shop', '--tail=5']).done;
    expect(first.requests.at(-1)?.url).toBe('/crawler/resource/shop/log?after=0&tail=5');
  });

  it('what is kept of a log is read on where a master stopped in the middle of it', async () => {
    const { first, second, server } = await two();
    first.stream = (_, response) => {
      told(response, line(1), line(2));
      // As a master that stops: without a word of the end.
      response.end(() => void first.stop());
      return true;
    };
    second.stream = (_, response) => {
      told(response, line(3));
      return ended(response);
    };
    const { done, stdout } = started([server, 'logs', 'shop', '--tail=3', '-o', 'json']);
    expect([await done, stdout().trim().split('\n').length]).toEqual([0, 3]);
    expect(second.requests[0]?.url).toBe('/crawler/resource/shop/log?after=2');
  });

  it('a log of a task that nobody knows is not waited for', async () => {
    const { first, server } = await two();
    first.answer = () => ({ status: 404, body: { code: 5, message: 'no such task' } });
    const { done, stderr } = started([server, 'logs', 'shop', '--follow']);
    expect([await done, stderr()]).toEqual([3, 'No such task.\n']);
  });

  it('a file of items that was cut off is begun again with another master', async () => {
    const { first, second, server } = await two();
    first.stream = (_, response) => response.write('{"a":1}\n') || true;
    second.answer = () => ({ body: '{"a":1}\n{"a":2}\n' });
    const path = join(directory, 'items.jsonl');
    const { done, stderr } = started([server, 'results', 'shop', `--output=${path}`]);
    await until(() => parts().length === 1, { what: 'the file is begun' });
    await first.stop();
    expect([await done, readFileSync(path, 'utf8')]).toEqual([0, '{"a":1}\n{"a":2}\n']);
    expect(stderr()).toContain('It is begun again.');
  });

  it('Ctrl-C leaves no part of a file, and ends with 130', async () => {
    const { first, server } = await two();
    first.stream = (_, response) => response.write('{"a":1}\n') || true;
    const path = join(directory, 'cut.jsonl');
    const { done, stderr } = started([server, 'results', 'shop', `--output=${path}`]);
    await until(() => parts().length === 1, { what: 'the file is begun' });
    process.emit('SIGINT');
    expect([await done, stderr()]).toEqual([130, 'Interrupted.\n']);
    expect([parts(), existsSync(path)]).toEqual([[], false]);
  });

  it('a log whose task was deleted while no master told of it ends as well', async () => {
    const { first, second, server } = await two();
    first.stream = ({ url }, response) => {
      told(response, line(1));
      if (url.includes('follow')) void first.stop();
      else ended(response);
      return true;
    };
    second.answer = () => ({ status: 404, body: { code: 5, message: 'no such task' } });
    const { done, stderr } = started([server, 'logs', 'shop', '--follow']);
    expect([await done, stderr()]).toEqual([0, expect.stringContaining('shop is deleted.\n')]);
  });

  it('a list is watched through the death of its master, an object a line, and says when nobody tells it', async () => {
    const { first, second, server } = await two();
    const tell = (response: ServerResponse, ...names: string[]) =>
      opened(response).write(`data: ${JSON.stringify({ resources: names.map((name) => ({ name })) })}\n\n`);
    first.stream = (_, response) => tell(response, 'a') || true;
    second.stream = (_, response) => {
      if (second.requests.length !== 3) return false;
      tell(response, 'a', 'b');
      response.end();
      return true;
    };
    second.answer = () =>
      second.requests.length < 3
        ? { status: 503, body: { code: 14, message: 'the resources are still being loaded' } }
        : { status: 400, body: { code: 3, message: 'enough' } };
    const { done, stdout, stderr } = started([server, 'ls', '--watch', '--state=running', '-o', 'json']);
    await until(() => stdout().includes('"a"'), { what: 'it is watched' });
    await first.stop();
    expect(await done).toBe(1);
    expect(stdout()).toBe('{"resources":[{"name":"a"}]}\n{"resources":[{"name":"a"},{"name":"b"}]}\n');
    const [one, other] = server.replace('--server=', '').split(',');
    const told = stderr().replaceAll(/since \S+( \(\d+s\))?:/g, 'since then:');
    expect(told).toBe(
      `Not connected since then: ${one} is gone.\n` +
        'Not connected since then: None of 2 masters could serve this.\n' +
        `Connected again, to ${other}.\n` +
        `Not connected since then: ${other} is gone.\n` +
        'Enough.\n',
    );
  });

  it('a page that is no stream of events is not taken for one', async () => {
    const { first, server } = await two();
    first.answer = () => ({ body: '<html>' });
    const { done, stderr } = started([server, 'events']);
    expect([await done, stderr()]).toEqual([1, expect.stringContaining('does not answer like a master')]);
  });

  it('a master that says nothing any more counts as gone', async () => {
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(':\n\nid: 1\ndata: {}\n\n')),
    });
    const messages = messagesOf(chunksOf(silent, { silentMs: 100, gone: 'gone' }), 'gone');
    expect((await messages.next()).value).toBe('{}');
    await expect(messages.next()).rejects.toMatchObject({ exitCode: 4, message: /said nothing for 0.1 s/ });
  });

  it('beats that say nothing keep a stream', async () => {
    let beats = 0;
    const beating = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (beats++ < 24) controller.enqueue(Buffer.from(':\n\n'));
        else {
          controller.enqueue(Buffer.from(END));
          controller.close();
        }
      },
    });
    const parts = chunksOf(beating, { silentMs: 1_000, gone: 'gone' });
    expect((await messagesOf(parts, 'gone').next()).done).toBe(true);
  });
});
