import { LifeCycle, type WorkerState } from './life-cycle.js';

describe('the life cycle of a worker', () => {
  it.each<[string, WorkerState[], WorkerState]>([
    ['begins at the start', [], 'starting'],
    ['registers, crawls and is idle again', ['registered', 'crawling', 'registered'], 'registered'],
    ['starts over when the registration is lost', ['registered', 'crawling', 'starting'], 'starting'],
    ['drains from anywhere', ['draining', 'stopped'], 'stopped'],
    ['does not crawl unregistered', ['crawling'], 'starting'],
    ['does not come back from draining', ['registered', 'draining', 'registered', 'crawling'], 'draining'],
    ['does not come back from its end', ['draining', 'stopped', 'starting', 'failed'], 'stopped'],
    ['does not come back from a failure', ['failed', 'draining'], 'failed'],
  ])('%s', (_, asked, state) => {
    const lifeCycle = new LifeCycle();
    for (const next of asked) lifeCycle.to(next);
    expect(lifeCycle.state).toBe(state);
  });

  it('tells each change once, and whether there was one', () => {
    const changes: string[] = [];
    const lifeCycle = new LifeCycle((state, before) => changes.push(`${before} ${state}`));
    expect([lifeCycle.to('registered'), lifeCycle.to('registered'), lifeCycle.to('draining')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(changes).toEqual(['starting registered', 'registered draining']);
  });
});
