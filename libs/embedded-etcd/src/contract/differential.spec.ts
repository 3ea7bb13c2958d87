import fc from 'fast-check';
import { EtcdApi, type Answer, type EtcdStream, type Question } from '../../../../test/support/etcd-api.js';
import { describeWithEtcd, startRealEtcd } from '../../../../test/support/etcd.js';
import { embeddedInMemory, type ServerUnderTest } from '../../../../test/support/etcd-servers.js';

/**
 * Both servers are asked the same, one question after the other, and have to answer the same: every field, every
 * revision in every header, every error, every event of every watch. What one sequence leaves behind is where the
 * next begins.
 */
const RUNS = Number(process.env['ORBWEAVER_DIFFERENTIAL_RUNS'] ?? 1000);
const TIMEOUT_MS = 60_000 + RUNS * 1000;

/** A question; its revisions count back from the present one. */
type Step = { method: Method; request: Question; back?: Record<string, number> };
type Method =
  'range' | 'put' | 'deleteRange' | 'txn' | 'compact' | 'leaseGrant' | 'leaseRevoke' | 'leaseTimeToLive';

interface WatchPlan {
  request: Question;
  back: number | undefined;
}

describeWithEtcd('etcd and the embedded server', () => {
  const servers: ServerUnderTest[] = [];
  const subjects: Subject[] = [];

  beforeAll(async () => {
    servers.push(await startRealEtcd(), await embeddedInMemory());
    subjects.push(...servers.map(({ endpoint }) => new Subject(endpoint)));
  });
  afterAll(async () => {
    for (const subject of subjects) subject.close();
    for (const server of servers) await server.stop();
  });

  it(
    `answer ${RUNS} random sequences of questions alike, and tell their watchers the same`,
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step(), { minLength: 1, maxLength: 15 }),
          watchPlan(),
          async (steps, plan) => {
            const [etcd, embedded] = await Promise.all(subjects.map((subject) => subject.run(steps, plan)));
            expect(embedded).toEqual(etcd);
          },
        ),
        {
          numRuns: RUNS,
          endOnFailure: true,
          interruptAfterTimeLimit: TIMEOUT_MS - 30_000,
          markInterruptAsFailure: true,
        },
      );
    },
    TIMEOUT_MS,
  );
});

class Subject {
  private readonly api: EtcdApi;
  private readonly stream: EtcdStream;
  private revision = 1;
  private compacted = 0;
  private told: Record<string, Event[]> = {};

  constructor(endpoint: string) {
    this.api = new EtcdApi(endpoint);
    this.stream = this.api.watch();
  }

  close(): void {
    this.stream.close();
    this.api.close();
  }

  /** All that was answered and told. */
  async run(steps: readonly Step[], plan: WatchPlan): Promise<unknown[]> {
    const said: unknown[] = [];
    this.told = {};
    const everything = { key: '\0', range_end: '\0', prev_kv: true, watch_id: 1 };
    const live = await this.watch(everything);
    for (const step of steps) {
      // etcd looks the previous values up when it sends; a compaction must not be quicker.
      if (step.method === 'compact') said.push(...(await this.heard()));
      said.push(await this.ask(step));
    }
    const start = plan.back === undefined ? 0 : Math.max(this.revision - plan.back, this.compacted + 1);
    const other = await this.watch({ ...plan.request, watch_id: 2, start_revision: start });
    said.push(live, other, ...(await this.heard(plan.back === undefined ? ['1'] : ['1', '2'])));
    // A watch that was refused has nothing to be cancelled.
    for (const { watch_id, canceled } of [live, other]) {
      if (canceled === false) said.push(await this.cancel(Number(watch_id)));
    }
    return said;
  }

  private async watch(create_request: Question): Promise<Answer> {
    this.stream.send({ create_request });
    return this.until(({ created }) => created === true);
  }

  private async cancel(watch_id: number): Promise<Answer> {
    this.stream.send({ cancel_request: { watch_id } });
    return this.until(({ canceled }) => canceled === true);
  }

  /** The next answer that fits; the events of those before it are kept by watch. */
  private async until(fits: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const answer = await this.stream.next();
      const { watch_id, events, ...rest } = answer;
      const list = (this.told[String(watch_id)] ??= []);
      list.push(...(events as Event[]));
      if (fits(answer)) return answer;
      expect(rest).toMatchObject({ created: false, canceled: false, fragment: false });
    }
  }

  /** What the watches have been told up to now, by watch: the last of two marks comes after all of it. */
  private async heard(watches = ['1']): Promise<unknown[]> {
    await this.ask({ method: 'put', request: { key: MARK } });
    await this.ask({ method: 'put', request: { key: MARK } });
    const last = String(this.revision);
    const waiting = new Set(watches);
    await this.until(({ watch_id, events }) => {
      const { kv } = (events as Event[]).at(-1) ?? { kv: { key: '', mod_revision: '' } };
      if (kv.key === MARK && kv.mod_revision === last) waiting.delete(String(watch_id));
      return waiting.size === 0;
    });
    // The second watch may or may not have heard of the last mark when the first has.
    const heard = Object.entries(this.told)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([watch, events]) => [watch, events.filter((event) => event.kv.mod_revision !== last)]);
    this.told = {};
    return heard;
  }

  private async ask({ method, request, back = {} }: Step): Promise<unknown> {
    const revisions = Object.entries(back).map(([field, count]) => [field, this.revision - count]);
    const question: Question = {
      ...(atRevision(request, this.revision) as Question),
      ...Object.fromEntries(revisions),
    };
    try {
      const answer = await this.api[method](question);
      this.revision = Math.max(this.revision, Number(answer.header.revision));
      if (method === 'compact') this.compacted = Number(question['revision']);
      return method === 'leaseTimeToLive' ? withoutTime(answer) : answer;
    } catch (error) {
      const { code, details } = error as { code: number; details: string };
      return { method, code, details };
    }
  }
}

interface Event {
  kv: { key: string; mod_revision: string };
}

const MARK = '~mark';

/** Revisions inside of transactions are given as `{ back }`. */
function atRevision(value: unknown, revision: number): unknown {
  if (Array.isArray(value)) return value.map((entry) => atRevision(entry, revision));
  if (typeof value !== 'object' || value === null) return value;
  if ('back' in value) return Math.max(0, revision - (value.back as number));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, atRevision(entry, revision)]));
}

/** The seconds that are left may just have changed, and etcd names the keys in no order. */
function withoutTime({ TTL, keys, ...rest }: Answer): unknown {
  return { ...rest, alive: Number(TTL) >= 0, keys: (keys as string[]).sort() };
}

// Few keys, so that they meet; no more than 10, since etcd's order of equals is only stable for so few.
const key = fc.constantFrom('a', 'aa', 'ab', 'a\xff', 'b', 'b\0', 'c', '\xff');
// Absent rather than empty: of an empty one that is sent etcd makes "from this key on", but only in reads.
const rangeEnd = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: key },
  { weight: 1, arbitrary: fc.constant('\0') },
);
const lease = fc.nat(3);
const flag = fc.boolean();
const rarely = fc.oneof(
  { weight: 9, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);
const revisionBack = fc.record({ back: fc.integer({ min: -1, max: 12 }) });
const noRevision = fc.constant(0);

function range(): fc.Arbitrary<Question> {
  const mostlyNone = fc.oneof({ weight: 4, arbitrary: noRevision }, { weight: 1, arbitrary: revisionBack });
  return fc.record({
    key: fc.oneof({ weight: 20, arbitrary: key }, { weight: 1, arbitrary: fc.constant('') }),
    range_end: rangeEnd,
    limit: fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 4 })),
    revision: fc.oneof(noRevision, revisionBack),
    sort_order: fc.nat(2),
    sort_target: fc.nat(4),
    serializable: flag,
    keys_only: rarely,
    count_only: rarely,
    min_mod_revision: mostlyNone,
    max_mod_revision: mostlyNone,
    min_create_revision: mostlyNone,
    max_create_revision: mostlyNone,
  });
}

function put(): fc.Arbitrary<Question> {
  return fc
    .record({
      key,
      value: fc.constantFrom('', '1', '2', '\0', '\xff'),
      lease,
      prev_kv: flag,
      ignore_value: rarely,
      ignore_lease: rarely,
    })
    .map((request) => ({
      ...request,
      // Mostly right; the refusals are there as well.
      value: request.ignore_value && request.lease !== 1 ? '' : request.value,
      lease: request.ignore_lease && request.value !== '1' ? 0 : request.lease,
    }));
}

function deleteRange(range_end = rangeEnd): fc.Arbitrary<Question> {
  return fc.record({ key, range_end, prev_kv: flag });
}

function compare(): fc.Arbitrary<Question> {
  const union = fc.oneof(
    fc.record({ version: fc.nat(3) }),
    fc.record({ create_revision: revisionBack }),
    fc.record({ mod_revision: revisionBack }),
    fc.record({ value: fc.constantFrom('', '1', '2') }),
    fc.record({ lease }),
  );
  return fc
    .record({ result: fc.nat(3), target: fc.nat(4), key, range_end: rangeEnd, union })
    .map(({ union, ...rest }) => ({ ...rest, ...union }));
}

function txn(depth: number): fc.Arbitrary<Question> {
  // etcd's check for duplicates does not see a delete without an end. When a put that is to keep the value of one
  // of its keys follows, etcd panics.
  const bounded = rangeEnd.filter((end) => end !== '\0');
  const ops: fc.WeightedArbitrary<Question>[] = [
    { weight: 3, arbitrary: put().map((request_put) => ({ request_put })) },
    { weight: 2, arbitrary: deleteRange(bounded).map((request_delete_range) => ({ request_delete_range })) },
    { weight: 2, arbitrary: range().map((request_range) => ({ request_range })) },
  ];
  if (depth > 0) ops.push({ weight: 1, arbitrary: txn(depth - 1).map((request_txn) => ({ request_txn })) });
  const list = fc.array(fc.oneof(...ops), { maxLength: 4 });
  return fc.record({ compare: fc.array(compare(), { maxLength: 2 }), success: list, failure: list });
}

function step(): fc.Arbitrary<Step> {
  const of = (method: Method, request: fc.Arbitrary<Question>): fc.Arbitrary<Step> =>
    request.map((request) => ({ method, request }));
  const ID = fc.integer({ min: 1, max: 4 });
  return fc.oneof(
    { weight: 6, arbitrary: of('put', put()) },
    { weight: 3, arbitrary: of('deleteRange', deleteRange()) },
    { weight: 4, arbitrary: of('range', range()) },
    { weight: 6, arbitrary: of('txn', txn(2)) },
    { weight: 1, arbitrary: of('compact', fc.record({ revision: revisionBack, physical: flag })) },
    { weight: 2, arbitrary: of('leaseGrant', fc.record({ ID, TTL: fc.constantFrom(1000, 2000) })) },
    { weight: 1, arbitrary: of('leaseRevoke', fc.record({ ID })) },
    { weight: 1, arbitrary: of('leaseTimeToLive', fc.record({ ID, keys: flag })) },
  );
}

/** A watch that starts in the past hears of the mark too, which is how one knows that it has caught up. */
function watchPlan(): fc.Arbitrary<WatchPlan> {
  const live = fc.record({ key, range_end: rangeEnd, filters: fc.subarray([0, 1]), prev_kv: flag });
  const replay = fc.record({
    key: fc.constantFrom('a', 'ab', 'c'),
    range_end: fc.constant('\0'),
    filters: fc.subarray([1]),
    prev_kv: flag,
  });
  return fc.oneof(
    // etcd looks at watches that start in the past every 100 ms only, so most do not.
    { weight: 9, arbitrary: live.map((request) => ({ request, back: undefined })) },
    { weight: 1, arbitrary: fc.record({ request: replay, back: fc.nat(20) }) },
  );
}
