import { Election, type Leader, type Leadership } from '@app/election';
import { EtcdClient, Session } from '@app/etcd';
import { startEtcd, type EtcdServer } from '../support/etcd.js';
import { settled, until } from '../support/until.js';
import type { Flags, GoProcess, GoProgram } from './go-program.js';

/** Candidates and observers of etcd's Go package `concurrency`, and ours, under one prefix. */
export function electionWithGo(go: GoProgram): void {
  let etcd: EtcdServer;
  let client: EtcdClient;
  let election: Election;
  let end: AbortController;
  let session: Session;
  let started: GoProcess[];
  let round = 0;

  beforeAll(async () => {
    etcd = await startEtcd();
    client = new EtcdClient({ endpoints: [etcd.endpoint] });
  });
  beforeEach(async () => {
    election = new Election(client, { prefix: `/election-${++round}` });
    session = await Session.open(client, { ttlMs: 30_000 });
    end = new AbortController();
    started = [];
  });
  afterEach(async () => {
    end.abort();
    await session.close();
    await Promise.all(started.map(({ process }) => process.kill()));
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });

  const start = async (command: string, flags: Flags = {}): Promise<GoProcess> => {
    const process = await go.start(command, { etcd: etcd.endpoint, prefix: election.prefix, ...flags });
    started.push(process);
    return process;
  };
  const campaign = (value: string): Promise<Leadership> => {
    const won = election.campaign(session, value, end.signal);
    won.catch(() => {}); // looked at by the tests that await it
    return won;
  };
  const inLine = (count: number): Promise<unknown> =>
    until(async () => (await client.count(`${election.prefix}/`)) === count, {
      what: `${count} candidates are in line`,
    });

  it('ours leads after the Go candidate that came first has resigned, with a higher term', async () => {
    const rival = await start('campaign', { value: 'master1-10.0.0.1:9091' });
    const theirs = await rival.event<{ key: string; term: string }>('elected');
    expect(await election.leader()).toEqual({
      key: theirs.key,
      value: 'master1-10.0.0.1:9091',
      term: BigInt(theirs.term),
    });

    const won = campaign('master2-10.0.0.2:9091');
    await inLine(2);
    rival.process.signal('SIGTERM');
    const ours = await settled(won, { what: 'our win' });
    expect(ours.term).toBeGreaterThan(BigInt(theirs.term));
  });

  it('a Go candidate leads after ours, which came first, has resigned', async () => {
    const ours = await campaign('master1-10.0.0.1:9091');
    const rival = await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    expect(rival.events('elected')).toEqual([]);
    await ours.resign();
    const theirs = await rival.event<{ term: string }>('elected');
    expect(BigInt(theirs.term)).toBeGreaterThan(ours.term);
  });

  it('ours leads once the lease of a Go leader that was killed has ended', async () => {
    const rival = await start('campaign', { value: 'master1-10.0.0.1:9091', ttl: 5 });
    await rival.event('elected');
    const won = campaign('master2-10.0.0.2:9091');
    await inLine(2);
    await rival.process.kill();
    expect(await settled(won, { what: 'our win' })).toMatchObject({ value: 'master2-10.0.0.2:9091' });
  });

  it("Go's observer sees our leader, what it proclaims, and the Go leader after it", async () => {
    const observer = await start('observe');
    const ours = await campaign('master1-10.0.0.1:9091');
    const seen = (value: string): Promise<{ term: string }> =>
      observer.event('leader', (leader: { value: string; term: string }) => leader.value === value);

    expect(BigInt((await seen('master1-10.0.0.1:9091')).term)).toBe(ours.term);
    await ours.proclaim('master1-10.0.0.9:9091');
    expect(BigInt((await seen('master1-10.0.0.9:9091')).term)).toBe(ours.term);
    expect(await go.run('leader', { etcd: etcd.endpoint, prefix: election.prefix })).toEqual([
      { event: 'leader', key: ours.key, value: 'master1-10.0.0.9:9091', term: String(ours.term) },
    ]);
    await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    await ours.resign();
    await seen('master2-10.0.0.2:9091');
  });

  it('our observer sees Go leaders come and go', async () => {
    const seen: (Leader | undefined)[] = [];
    const observed = (async () => {
      for await (const leader of election.observe(end.signal)) seen.push(leader);
    })();
    const sees = (value: string | undefined): Promise<unknown> =>
      until(() => seen.length > 0 && seen.at(-1)?.value === value, { what: `${value} is seen to lead` });

    const first = await start('campaign', { value: 'master1-10.0.0.1:9091' });
    await sees('master1-10.0.0.1:9091');
    await start('campaign', { value: 'master2-10.0.0.2:9091' });
    await inLine(2);
    first.process.signal('SIGTERM');
    await sees('master2-10.0.0.2:9091');
    expect(seen.filter(Boolean).map((leader) => leader?.value)).toEqual([
      'master1-10.0.0.1:9091',
      'master2-10.0.0.2:9091',
    ]);
    end.abort();
    await settled(observed, { what: 'the end of observing' });
  });
}
