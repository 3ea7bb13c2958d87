import { status } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import type { cluster, crawler } from '@app/proto';
import { StatusError } from '@app/transport';
import { until } from '../../../../test/support/until.js';
import { AddGatherer, type AddPort } from './add-gatherer.js';

describe('AddGatherer', () => {
  it('sends an add that comes alone as it is', async () => {
    const leader = new FakeLeader();
    const gatherer = new AddGatherer(leader);
    await expect(gatherer.add(add('a'), 1_000)).resolves.toEqual({ id: 'worker', Address: 'a' });
    expect(leader.calls).toEqual([['a']]);
  });

  it('sends those that come while one is under way together, and gives each its own answer', async () => {
    const leader = new FakeLeader();
    leader.hold();
    const gatherer = new AddGatherer(leader);
    const first = gatherer.add(add('first'), 1_000);
    await until(() => leader.calls.length === 1, { what: 'the first is under way' });
    const others = ['a', 'refused', 'b'].map((name) => gatherer.add(add(name), 1_000));
    leader.release();
    await expect(first).resolves.toMatchObject({ Address: 'first' });
    await expect(others[0]).resolves.toEqual({ id: 'worker', Address: 'a' });
    await expect(others[1]).rejects.toMatchObject({ status: { code: status.ALREADY_EXISTS, message: 'no' } });
    await expect(others[2]).resolves.toEqual({ id: 'worker', Address: 'b' });
    expect(leader.calls).toEqual([['first'], ['a', 'refused', 'b']]);
  });

  it('keeps what it sends together within a number and a size', async () => {
    const leader = new FakeLeader();
    const gatherer = new AddGatherer(leader);
    const many = Array.from({ length: 300 }, (_, i) => gatherer.add(add(`n-${i}`), 1_000));
    const big = Array.from({ length: 5 }, (_, i) => gatherer.add(add(`b-${i}`, 'x'.repeat(200_000)), 1_000));
    await Promise.all([...many, ...big]);
    expect(Math.max(...leader.calls.map((names) => names.length))).toBe(64);
    expect(
      leader.calls.filter((names) => names.some((name) => name.startsWith('b-'))).length,
    ).toBeGreaterThan(1);
    expect(leader.calls.flat()).toHaveLength(305);
  });

  it('refuses what comes when as many wait as may', async () => {
    const leader = new FakeLeader();
    leader.hold();
    const gatherer = new AddGatherer(leader, 2);
    const first = gatherer.add(add('first'), 1_000);
    await until(() => leader.calls.length === 1, { what: 'the first is under way' });
    const waiting = ['a', 'b'].map((name) => gatherer.add(add(name), 1_000));
    await expect(gatherer.add(add('c'), 1_000)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    leader.release();
    await Promise.all([first, ...waiting]);
    expect(leader.calls).toEqual([['first'], ['a', 'b']]);
  });

  it('tells everyone when the leader leads no more', async () => {
    const leader = new FakeLeader();
    leader.failure = new OrbweaverError('NOT_LEADER', 'leads no more');
    const gatherer = new AddGatherer(leader);
    const all = await Promise.allSettled(['a', 'b', 'c'].map((name) => gatherer.add(add(name), 1_000)));
    expect(all).toMatchObject(all.map(() => ({ status: 'rejected', reason: { code: 'NOT_LEADER' } })));
  });

  it('asks one by one a leader that knows only the calls of the original', async () => {
    const leader = new FakeLeader();
    leader.addAll = () => Promise.reject(new StatusError({ code: status.UNIMPLEMENTED, message: 'unknown' }));
    const gatherer = new AddGatherer(leader);
    const all = await Promise.all(['a', 'b', 'c'].map((name) => gatherer.add(add(name), 1_000)));
    expect(all.map(({ Address }) => Address)).toEqual(['a', 'b', 'c']);
    expect(leader.calls).toEqual([['a'], ['b'], ['c']]);
  });
});

function add(name: string, spec = ''): crawler.ResourceSpec {
  return { id: '', name, assignedNode: '', creationTime: 0n, spec };
}

/** Answers with the name as the address. */
class FakeLeader implements AddPort {
  readonly calls: string[][] = [];
  failure: Error | undefined;
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;

  hold(): void {
    this.gate = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  release(): void {
    this.open();
  }

  async add({ name }: crawler.ResourceSpec): Promise<crawler.NodeSpec> {
    await this.called([name]);
    return { id: 'worker', Address: name };
  }

  async addAll({ resources }: cluster.AddResourcesRequest): Promise<cluster.AddResourcesResponse> {
    await this.called(resources.map(({ name }) => name));
    const results = resources.map(({ name }) =>
      name === 'refused'
        ? { id: '', nodeId: '', nodeAddress: '', code: status.ALREADY_EXISTS, message: 'no' }
        : { id: '1', nodeId: 'worker', nodeAddress: name, code: 0, message: '' },
    );
    return { results };
  }

  private async called(names: string[]): Promise<void> {
    this.calls.push(names);
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
  }
}
