import { createLogger, namedLogger, pinnedLogger, type LogLevel, type Logger } from './logger.js';
import { nestLines } from './nest-lines.js';

function logger(level: LogLevel = 'info'): {
  log: Logger;
  lines: string[];
  last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const log = createLogger({
    name: 'master',
    level,
    destination: { write: (line) => void lines.push(line) },
  });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('a line has the keys of zap in its order, then the fields as they were given', () => {
  const { log, lines } = logger();
  const specs = { ID: '1', Name: 'a', AssignedNode: 'w|h:1', CreationTime: 1675470192274320000n };
  log.info({ specs, 'worker:': { Action: 'create' } }, 'add resource');
  expect(lines[0]).toMatch(
    /^\{"level":"INFO","ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}","logger":"master","caller":"src\/logger\.spec\.ts:\d+","msg":"add resource","specs":\{"ID":"1","Name":"a","AssignedNode":"w\|h:1","CreationTime":1675470192274320000\},"worker:":\{"Action":"create"\}\}\n$/,
  );
});

test('levels are upper case and those below the one set are left out', () => {
  const { log, lines } = logger('warn');
  log.info('no');
  log.debug('no');
  log.warn('w');
  log.error('e');
  log.fatal('f');
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual([
    'WARN',
    'ERROR',
    'FATAL',
  ]);
});

test('a named logger stands below its parent, whose bindings it keeps', () => {
  const { log, last } = logger();
  namedLogger(namedLogger(log, 'election').child({ term: 7n }), 'observe').info('x');
  expect(last()).toMatchObject({ logger: 'master.election.observe', term: 7, msg: 'x' });
});

test('the caller is the line of the statement, in a function, a promise and a child alike', async () => {
  const { log, last } = logger();
  const here = (): number => Number(/spec\.ts:(\d+)/.exec(new Error('here').stack ?? '')?.[1]);
  const callers: unknown[] = [];
  const at = (): number => (callers.push(last().caller), here());
  log.info('a');
  at();
  await Promise.resolve().then(() => log.child({ a: 1 }).error({ b: 2 }, 'b'));
  at();
  expect(callers).toHaveLength(2);
  expect(callers[0]).toMatch(/^src\/logger\.spec\.ts:\d+$/);
  expect(callers[1]).not.toBe(callers[0]);
});

test('a pinned logger keeps the caller of its first line', () => {
  const { log, last } = logger();
  const pinned = pinnedLogger(log);
  pinned.info('first');
  const { caller } = last();
  pinned.info('second');
  expect(last()).toMatchObject({ msg: 'second', caller });
});

test('an error is written with its code, stack and cause', () => {
  const { log, last } = logger();
  log.error(
    { error: new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'E1' }) }) },
    'failed',
  );
  expect(last().error).toMatchObject({
    message: 'outer',
    stack: expect.stringContaining('logger.spec'),
    cause: { code: 'E1', message: 'inner' },
  });
  log.error(new Error('alone'));
  expect(last()).toMatchObject({ msg: 'alone', err: { message: 'alone' } });
});

test('nothing that is logged can make a line fail', () => {
  const { log, last } = logger();
  const cycle: Record<string, unknown> = { a: 1 };
  cycle.self = cycle;
  const hostile = {
    toJSON() {
      throw new Error('no JSON of me');
    },
  };
  log.info(
    { cycle, hostile, nan: Number.NaN, fn: () => 1, undef: undefined, sym: Symbol('s') },
    'odd\n"text"\u2028',
  );
  expect(last()).toMatchObject({ cycle: { a: 1, self: '[…]' }, nan: 'NaN', msg: 'odd\n"text"\u2028' });
  expect(last()).not.toHaveProperty('fn');
});

test("Nest's lines stand under their own name: warnings always, the rest at debug", () => {
  const quiet = logger();
  nestLines(quiet.log).info({ context: 'NestFactory' }, 'Starting');
  expect(quiet.lines).toHaveLength(0);
  nestLines(quiet.log).warn({ context: 'Router' }, 'careful');
  expect(quiet.last()).toMatchObject({
    level: 'WARN',
    logger: 'master.nest',
    msg: 'careful',
    context: 'Router',
  });
  const debug = logger('debug');
  nestLines(debug.log).info({ context: 'NestFactory' }, 'Starting');
  expect(debug.last()).toMatchObject({ msg: 'Starting', caller: expect.stringContaining('logger.spec.ts') });
});
