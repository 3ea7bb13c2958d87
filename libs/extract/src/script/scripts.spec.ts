import { isOrbweaverError } from '@app/errors';
import { until } from '../../../../test/support/until.js';
import type { ScriptRequest } from './script-request.js';
import { ScriptThread } from './scripts.js';

const scripts = new ScriptThread();

afterAll(() => scripts.close());

function request(source: string, timeoutMs = 30_000): ScriptRequest {
  const about = { url: 'http://site.test/', contentType: 'text/html', rule: 'page', depth: 0, carried: {} };
  return { source, timeoutMs, memoryBytes: 32 * 2 ** 20, page: { about, kind: 'html', text: '<p>text</p>' } };
}

async function failureOf(source: string, timeoutMs?: number): Promise<string> {
  const error: unknown = await scripts.run(request(source, timeoutMs)).catch((e: unknown) => e);
  return isOrbweaverError(error, 'EXTRACT_FAILED') ? error.message : 'no failure';
}

const well = () => scripts.run(request('ctx.output({ p: ctx.select("p") })'));

describe('the thread of scripts', () => {
  it('runs one after another, in the order of asking', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map((n) => scripts.run(request(`ctx.output({ n: ${n} })`)).then(({ items }) => items[0])),
    );
    expect(answers).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  });

  it('leaves this one free while a script loops', async () => {
    const own = new ScriptThread();
    const failed = own.run(request('for (;;);', 60_000)).catch(String);
    let turns = 0;
    await until(() => ++turns > 20, { what: 'this thread has had 20 turns' });
    await own.close();
    expect(await failed).toContain('the process is stopping');
  });

  it('is replaced when no interrupt reaches a script; the next pages wait for that and are well', async () => {
    const stuck = failureOf('Array.prototype.indexOf.call({ length: 2 ** 50 }, 1)', 50);
    const next = [well(), well()];
    expect(await stuck).toContain('it did not stop after 50 ms and had to be killed');
    expect((await Promise.all(next)).map(({ items }) => items)).toEqual([['{"p":"text"}'], ['{"p":"text"}']]);
  });

  it('is replaced when a script breaks its sandbox', async () => {
    expect(await failureOf('JSON.parse("[".repeat(1e6))')).toContain('the script');
    expect((await well()).items).toEqual(['{"p":"text"}']);
  });

  it('fails what it has in hand when it is closed, and may be asked again', async () => {
    const own = new ScriptThread();
    const failed = own.run(request('for (;;);', 60_000)).catch(String);
    await own.close();
    expect(await failed).toContain('the process is stopping');
    expect((await own.run(request('ctx.output({})'))).items).toEqual(['{}']);
    await own.close();
  });
});
