import type { EtcdClient, FollowBatch, KeyValue } from '@app/etcd';
import { OrbweaverError } from '@app/errors';
import type { Logger } from '@app/observability';
import { encodeResource, keys } from '@app/resources';
import { AssignmentFeed, type AssignmentSink } from './assignment-feed.js';

const NODE = 'go.micro.server.worker-1';

function kv(name: string, revision: number, value = record(name)): KeyValue {
  const modRevision = BigInt(revision);
  return {
    key: keys.assignment(NODE, name),
    value,
    createRevision: modRevision,
    modRevision,
    version: 1n,
    leaseId: 0n,
  };
}

function record(name: string): string {
  return encodeResource({ id: '7', name, assignedNode: { id: NODE, address: 'h:1' }, creationTime: 5n });
}

function snapshot(entries: KeyValue[], revision: number, edges = { first: true, last: true }): FollowBatch {
  return { kind: 'snapshot', revision: BigInt(revision), entries, ...edges };
}

function events(revision: number, ...of: (['put', KeyValue] | ['delete', string])[]): FollowBatch {
  return {
    kind: 'events',
    revision: BigInt(revision),
    events: of.map((event) =>
      event[0] === 'put'
        ? { type: 'put', kv: event[1] }
        : { type: 'delete', kv: kv(event[1], revision, ''), prevKv: kv(event[1], 1) },
    ),
  };
}

async function feed(...batches: FollowBatch[]) {
  const told: string[] = [];
  const logged: string[] = [];
  const sink: AssignmentSink = {
    assign: ({ name, epoch }) => told.push(`assign ${name} ${epoch}`),
    unassign: (name) => told.push(`unassign ${name}`),
  };
  const log = (fields: { spec?: { Name: string; CreationTime: bigint } }, message: string): void => {
    logged.push(
      fields.spec === undefined ? message : `${message} ${fields.spec.Name} ${fields.spec.CreationTime}`,
    );
  };
  const etcd: Pick<EtcdClient, 'follow'> = {
    async *follow() {
      yield* batches;
    },
  };
  const logger = { info: log, warn: log, child: () => ({ info: log }) } as unknown as Logger;
  const subject = new AssignmentFeed(etcd, NODE, sink, logger);
  const states: string[] = [];
  await subject.run(new AbortController().signal);
  return { told, logged, states, state: subject.state };
}

describe('the feed of assignments', () => {
  it('tells of what there is, then of each change, and logs it as the original does', async () => {
    const { told, logged } = await feed(
      snapshot([kv('a', 3)], 9, { first: true, last: false }),
      snapshot([kv('b', 4)], 9, { first: false, last: true }),
      events(10, ['put', kv('c', 10)], ['put', kv('a', 10)]),
      events(11, ['delete', 'b']),
    );
    expect(told).toEqual(['assign a 3', 'assign b 4', 'assign c 10', 'assign a 10', 'unassign b']);
    expect(logged).toEqual([
      'receive create resource a 5',
      'receive create resource b 5',
      'receive create resource c 5',
      'receive update resource a 5',
      'receive delete resource b 5',
    ]);
  });

  it('tells after a new snapshot only what is different', async () => {
    const { told } = await feed(
      snapshot([kv('a', 3), kv('b', 4), kv('c', 5)], 9),
      snapshot([kv('a', 3)], 20, { first: true, last: false }),
      snapshot([kv('c', 15), kv('d', 16)], 20, { first: false, last: true }),
    );
    expect(told.slice(3)).toEqual(['assign c 15', 'assign d 16', 'unassign b']);
  });

  it('begins the comparison anew when a snapshot is given up half-way', async () => {
    const { told } = await feed(
      snapshot([kv('a', 3), kv('b', 4)], 9),
      snapshot([kv('a', 3)], 20, { first: true, last: false }),
      snapshot([kv('b', 4)], 30, { first: true, last: true }),
    );
    expect(told.slice(2)).toEqual(['unassign a']);
  });

  it('takes the assignments of an etcd that began anew, whose revisions are lower', async () => {
    const { told } = await feed(snapshot([kv('a', 900)], 1_000), snapshot([kv('a', 3)], 9));
    expect(told).toEqual(['assign a 900', 'assign a 3']);
  });

  it('passes over what is no record', async () => {
    const { told, logged } = await feed(
      snapshot([kv('a', 3, 'no JSON')], 9),
      events(10, ['put', kv('b', 10, '[]')], ['delete', 'zzz']),
      events(11, ['put', kv('a', 11)]),
    );
    expect(told).toEqual(['unassign zzz', 'assign a 11']);
    expect(logged.filter((line) => line.startsWith('not a resource record'))).toHaveLength(2);
  });

  it('knows whether it is current', async () => {
    const cause = new OrbweaverError('ETCD_UNAVAILABLE', 'no answer');
    const partly = await feed(snapshot([], 9, { first: true, last: false }));
    expect(partly.state.current).toBe(false);
    const interrupted = await feed(snapshot([], 9), { kind: 'interrupted', cause });
    expect(interrupted.state).toMatchObject({
      current: true,
      revision: 9n,
      interruptedAt: expect.any(Number),
    });
    const resumed = await feed(
      snapshot([], 9),
      { kind: 'interrupted', cause },
      { kind: 'resumed', revision: 12n },
    );
    expect(resumed.state.interruptedAt).toBeUndefined();
  });
});
