import { status } from '@grpc/grpc-js';
import { OrbweaverError } from '@app/errors';
import { rpcNamed, StatusError, type CallOption, type RpcCall } from '@app/transport';
import { settled, until } from '../../../../test/support/until.js';
import { Latest } from '../leadership/latest.js';
import type { KnownLeader } from '../leadership/leader-watch.js';
import { Forwarding, type ForwardOutcome } from './forwarding.js';

describe('Forwarding', () => {
  it('answers here while this master leads', async () => {
    const { forwarding, leading } = setUp();
    leading.set({});
    await expect(forwarding.answer(call(), async () => 'here')).resolves.toBe('here');
  });

  it('passes the call on to the leader, with its own name and the time that is left', async () => {
    const { forwarding, leader, sent } = setUp();
    leader.set(known('a'));
    await expect(forwarding.answer(call({ remainingMs: 700 }), never)).resolves.toBe('by a');
    expect(sent).toEqual([{ to: 'a', forwardedBy: 'master1-self:1', timeoutMs: expect.any(Number) }]);
    expect(sent[0]?.timeoutMs).toBeLessThanOrEqual(700);
  });

  it('waits for a leader while there is none, and no longer than it was told', async () => {
    const { forwarding, leader, outcomes } = setUp({ leaderWaitMs: 200 });
    const answer = forwarding.answer(call(), never);
    leader.set(known('a'));
    await expect(answer).resolves.toBe('by a');
    leader.set(undefined);
    await expect(forwarding.answer(call(), never)).rejects.toMatchObject({ code: 'NO_LEADER' });
    expect(outcomes).toEqual(['answered', 'no leader']);
  });

  it('waits no longer than the caller does', async () => {
    const { forwarding } = setUp({ leaderWaitMs: 60_000 });
    const answer = forwarding.answer(call({ remainingMs: 50 }), never);
    await expect(settled(answer, { what: 'the answer' })).rejects.toMatchObject({ code: 'NO_LEADER' });
  });

  it('stops waiting when the caller has gone', async () => {
    const { forwarding } = setUp({ leaderWaitMs: 60_000 });
    const gone = new AbortController();
    const answer = forwarding.answer(call({ signal: gone.signal }), never);
    gone.abort(new OrbweaverError('CANCELLED', 'the caller has gone'));
    await expect(settled(answer, { what: 'the answer' })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('tries once more at the next leader when the first leads no more, and not a third time', async () => {
    const { forwarding, leader, sent, fail, outcomes } = setUp();
    leader.set(known('a'));
    fail('a', notLeader());
    const answer = forwarding.answer(call(), never);
    await until(() => sent.length === 1, { what: 'the first was asked' });
    leader.set(known('b'));
    await expect(answer).resolves.toBe('by b');
    expect(outcomes).toEqual(['retried', 'answered']);

    fail('b', notLeader());
    fail('c', notLeader());
    const second = forwarding.answer(call(), never);
    await until(() => sent.length === 3, { what: 'b was asked' });
    leader.set(known('c'));
    await expect(second).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(sent.map(({ to }) => to)).toEqual(['a', 'b', 'b', 'c']);
  });

  it('goes to the next leader when this master loses the lead in the middle of a call', async () => {
    const { forwarding, leading, leader } = setUp();
    leading.set({});
    leader.set(known('b'));
    const here = async (): Promise<never> => {
      leading.set(undefined);
      throw notLeader();
    };
    await expect(forwarding.answer(call(), here)).resolves.toBe('by b');
  });

  it('does not repeat what the leader refused', async () => {
    const { forwarding, leader, sent, fail } = setUp();
    leader.set(known('a'));
    fail('a', new StatusError({ code: status.UNAVAILABLE, message: 'no worker nodes' }));
    await expect(forwarding.answer(call(), never)).rejects.toMatchObject({
      status: { message: 'no worker nodes' },
    });
    expect(sent).toHaveLength(1);
  });

  it('never passes on what was passed on to it', async () => {
    const { forwarding, leader, sent } = setUp();
    leader.set(known('a'));
    const forwarded = call({ forwardedBy: 'master2-other:1' });
    await expect(forwarding.answer(forwarded, never)).rejects.toMatchObject({ code: 'NOT_LEADER' });
    expect(sent).toEqual([]);
  });

  it('takes what was passed on a moment before it knows that it is elected', async () => {
    const { forwarding, leading } = setUp();
    const answer = forwarding.answer(call({ forwardedBy: 'master2-other:1' }), async () => 'here');
    leading.set({});
    await expect(answer).resolves.toBe('here');
  });

  it('answers here once its own election has become its term', async () => {
    const { forwarding, leading, leader, sent } = setUp();
    leader.set({ ...known('me'), value: 'master1-self:1' });
    const answer = forwarding.answer(call(), async () => 'here');
    leading.set({});
    await expect(answer).resolves.toBe('here');
    expect(sent).toEqual([]);
  });

  it('says which leader it cannot reach when its value is no address', async () => {
    const { forwarding, leader } = setUp();
    leader.set({ ...known('a'), value: 'by-hand', address: undefined });
    await expect(forwarding.answer(call(), never)).rejects.toMatchObject({
      code: 'NO_LEADER',
      message: expect.stringContaining('by-hand'),
    });
  });
});

const never = (): Promise<never> => Promise.reject(new Error('not to be answered here'));

function notLeader(): OrbweaverError {
  return new OrbweaverError('NOT_LEADER', 'leads no more');
}

function known(key: string): KnownLeader {
  return { key, value: `master9-${key}:1`, term: 1n, address: `${key}:1`, since: new Date() };
}

function call(given: { remainingMs?: number; signal?: AbortSignal; forwardedBy?: string } = {}): RpcCall {
  return {
    transport: 'grpc',
    rpc: rpcNamed('CrawlerMaster.AddResource'),
    request: {},
    option: (name: CallOption) => (name === 'forwarded-by' ? given.forwardedBy : undefined),
    remainingMs: () => given.remainingMs,
    signal: given.signal ?? new AbortController().signal,
  };
}

function setUp(options: { leaderWaitMs?: number } = {}) {
  const leading = new Latest<object | undefined>(undefined);
  const leader = new Latest<KnownLeader | undefined>(undefined);
  const sent: { to: string; forwardedBy: string; timeoutMs: number }[] = [];
  const failures = new Map<string, Error>();
  const outcomes: ForwardOutcome[] = [];
  const forwarding = new Forwarding(
    leading,
    leader,
    {
      call: async ({ key }, _address, _call, hop) => {
        sent.push({ to: key, ...hop });
        const failure = failures.get(key);
        if (failure !== undefined) throw failure;
        return `by ${key}`;
      },
    },
    {
      self: () => 'master1-self:1',
      leaderWaitMs: options.leaderWaitMs ?? 5_000,
      timeoutMs: 5_000,
      observe: (outcome) => outcomes.push(outcome),
    },
  );
  return { forwarding, leading, leader, sent, outcomes, fail: (to: string, e: Error) => failures.set(to, e) };
}
