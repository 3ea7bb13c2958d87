import { EventLog } from './event-log.js';

describe('the event log', () => {
  const note = (log: EventLog, ...subjects: string[]) => {
    for (const subject of subjects)
      log.add({ kind: 'worker joined', message: `${subject} joined.`, subject });
  };

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
    const log = new EventLog();
    note(log, 'a', 'b');
    const events = log.follow('', forever);
    expect(subjects(await take(events, 2))).toEqual(['a', 'b']);
    const next = take(events, 1);
    note(log, 'c');
    expect(subjects(await next)).toEqual(['c']);
  });

  it('goes on after an event that it remembers, and gives everything after one that it does not', async () => {
    const log = new EventLog(3);
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
    const log = new EventLog(2);
    note(log, 'a', 'b');
    const events = log.follow('', forever);
    await take(events, 1);
    note(log, 'c', 'd', 'e');
    await expect(events.next()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('ends its followers when they go, and when it closes', async () => {
    const log = new EventLog();
    const gone = new AbortController();
    const both = [log.follow('', gone.signal).next(), log.follow('', forever).next()];
    gone.abort();
    expect(await both[0]).toEqual({ done: true, value: undefined });
    log.close();
    expect(await both[1]).toEqual({ done: true, value: undefined });
  });
});
