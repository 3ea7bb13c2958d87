import { keys, parseKey } from './keys.js';

describe('keys', () => {
  it('are read as they are written', () => {
    expect(parseKey(keys.resource('a'))).toEqual({ kind: 'resource', name: 'a' });
    expect(parseKey(keys.spec('a'))).toEqual({ kind: 'spec', name: 'a' });
    expect(parseKey(keys.assignment('w-1', 'a'))).toEqual({ kind: 'assignment', nodeId: 'w-1', name: 'a' });
    expect(parseKey(keys.assignment('odd/node', 'a'))).toEqual({
      kind: 'assignment',
      nodeId: 'odd/node',
      name: 'a',
    });
    expect(parseKey(keys.schedule('a'))).toEqual({ kind: 'schedule', name: 'a' });
    expect(parseKey(keys.drain('w-1'))).toEqual({ kind: 'drain', nodeId: 'w-1' });
  });

  it.each([
    '/resources/election/3f358619bf221967',
    '/resources/election',
    '/resources/',
    '/orbweaver/assignments/w-1',
    '/orbweaver/assignments/w-1/',
    '/orbweaver/drains/',
    '/orbweaver/control/a',
    '/orbweaver/schedules/',
    '/orbweaver/clock',
    '/orbweaver/ids/5',
    '/micro/registry/a/b',
  ])('pass over %s', (key) => {
    expect(parseKey(key)).toBeUndefined();
  });
});
