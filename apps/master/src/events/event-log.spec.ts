import { EventLog } from './event-log.js';

describe('the event log', () => {
  const note = (log: EventLog, ...subjects: string[]) => {
    for (const subject of subjects)
      log.add({ kind: 'worker joined', message: `${subject} joined.`, subject });
  };

  /** One that has nothing to take over. */
  function begun(capacity?: number): EventLog {
    const log = new EventLog(capacity);
    log.takeOver([]);
    return log;
  }

  /** The next events of a follower. */
  async function take(events: ReturnType<EventLog['follow']>, count: number) {
    const taken = [];
    while (taken.length < count) {
      const { value, done } = await events.next();
      if (done) break;
      taken.push(value);
    }
    return taken;
  }

  const subjects = (events: { subject: string }[]) => events.map(({ subject }) => subject);
  const forever = new AbortController().signal;

  it('gives what it remembers, in order, then each as it is added', async () => {
    const log = begun();
    note(log, 'a', 'b');
    const events = log.follow('', forever);
    expect(subjects(await take(events, 2))).toEqual(['a', 'b']);
    const next = take(events, 1);
    note(log, 'c');
    expect(subjects(await next)).toEqual(['c']);
  });

  it('goes on after an event that it remembers, and gives everything after one that it does not', async () => {
    const log = begun(3);
    note(log, 'a', 'b', 'c');
    const [, b, c] = await take(log.follow('', forever), 3);
    note(log, 'd');
    expect(subjects(await take(log.follow(b!.id, forever), 2))).toEqual(['c', 'd']);
    note(log, 'e', 'f', 'g');
    for (const forgotten of [b!.id, c!.id, 'other-4', 'nonsense', `${b!.id.split('-')[0]}-99`]) {
      expect(subjects(await take(log.follow(forgotten, forever), 3))).toEqual(['e', 'f', 'g']);
    }
  });

  it('ends a follower that has fallen behind what is remembered', async () => {
    const log = begun(2);
    note(log, 'a', 'b');
    const events = log.follow('', forever);
    await take(events, 1);
    note(log, 'c', 'd', 'e');
    await expect(events.next()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('ends its followers when they go, and when it closes', async () => {
    const log = begun();
    const gone = new AbortController();
    const both = [log.follow('', gone.signal).next(), log.follow('', forever).next()];
    gone.abort();
    expect(await both[0]).toEqual({ done: true, value: undefined });
    log.close();
    expect(await both[1]).toEqual({ done: true, value: undefined });
  });

  it('begins with what another remembers, which keeps its ids, and tells nothing before', async () => {
    const [other, log] = [begun(), new EventLog()];
    note(other, 'a', 'b');
    const next = take(log.follow('', forever), 3);
    note(log, 'c');
    expect(log.list()).toEqual([]);
    log.takeOver(other.list());
    const events = await next;
    expect(subjects(events)).toEqual(['a', 'b', 'c']);
    expect(events.slice(0, 2)).toEqual(other.list());
    expect(log.list()).toEqual(events);
    // Who followed the other goes on here.
    expect(subjects(await take(log.follow(other.list()[0]!.id, forever), 2))).toEqual(['b', 'c']);
    const third = new EventLog(2);
    third.takeOver(log.list());
    expect(subjects([...third.list()])).toEqual(['b', 'c']);
  });

  it('tells what both have seen once, whoever saw it first', () => {
    const [other, log] = [begun(), new EventLog()];
    note(log, 'both', 'mine');
    note(other, 'both', 'soon', 'soon');
    log.takeOver(other.list());
    note(log, 'soon', 'soon', 'soon');
    expect(subjects([...log.list()])).toEqual(['both', 'soon', 'soon', 'mine', 'soon']);
  });

  it('takes nothing over that is older than a week, nor a later thing for one of before', () => {
    let now = Date.parse('2026-11-01T00:00:00Z');
    const clock = () => new Date(now);
    const [other, log] = [new EventLog(10, clock), new EventLog(10, clock)];
    other.takeOver([]);
    note(other, 'old');
    now += 6 * 24 * 3_600_000;
    other.add({ kind: 'leader elected', message: 'it leads, in term 7.', subject: 'it' });
    note(other, 'a');
    now += 2 * 24 * 3_600_000;
    log.add({ kind: 'leader elected', message: 'it leads, in term 7.', subject: 'it' });
    log.takeOver(other.list());
    note(log, 'a');
    expect(subjects([...log.list()])).toEqual(['it', 'a', 'a']);
  });
});
