import type { EtcdClient, WatchEvent } from '@app/etcd';
import { keys } from '@app/resources';
import type { ClusterView } from '../cluster-view/cluster-view.js';
import type { ServiceNodes } from '../cluster-view/service-nodes.js';
import type { Latest } from '../leadership/latest.js';
import type { KnownLeader } from '../leadership/leader-watch.js';
import type { Terms } from '../leadership/terms.js';
import type { TaskIndex } from '../task-index/task-index.js';
import type { EventLog } from './event-log.js';
import { Gathering, type Wording } from './gathering.js';
import { FailureNotes } from './failure-notes.js';
import { addMove, movesIn, type Move } from './moves.js';
import { followSteering, type SteeringKind } from './steering.js';

export interface EventSources {
  readonly leader: Pick<Latest<KnownLeader | undefined>, 'onChange' | 'value'>;
  readonly terms: Pick<Terms, 'endOf'>;
  readonly masters: ServiceNodes;
  readonly workers: ServiceNodes;
  readonly view: Pick<ClusterView, 'subscribe'>;
  readonly tasks: Pick<TaskIndex, 'onRunEnd'>;
}

/** Notes what happens to the cluster, from what this master watches anyway. */
export function noteEvents(
  log: EventLog,
  { leader, terms, masters, workers, view, tasks }: EventSources,
): void {
  noteLeaders(log, leader, terms);
  noteNodes(log, 'master', masters);
  noteNodes(log, 'worker', workers);
  const failures = new FailureNotes(
    new Gathering(log, { 'run failed': { one: 'failed', many: 'failed', withinMs: SELDOM_MS } }),
  );
  tasks.onRunEnd((status) => failures.ended(status));
  const moves = new MoveNotes(log);
  view.subscribe({
    watched: (events) => {
      noteDrains(log, events);
      moves.add(movesIn(events));
    },
  });
}

/** A term's end is told with its cause, for which it waits a moment; so does what comes after it. */
function noteLeaders(log: EventLog, leader: EventSources['leader'], terms: EventSources['terms']): void {
  let known = leader.value;
  let told = Promise.resolve();
  leader.onChange((present) => {
    const before = known;
    known = present;
    if (present?.term === before?.term) return;
    const earlier = told;
    const tell = async (): Promise<void> => {
      await earlier;
      if (before !== undefined) {
        const end = await terms.endOf(before.term, END_WITHIN_MS);
        const message = `${before.value} leads no more. ${end?.reason ?? ''}`.trimEnd();
        log.add({ kind: 'leader lost', message, subject: before.value });
      }
      if (present === undefined) return;
      const message = `${present.value} leads, in term ${present.term}.`;
      log.add({ kind: 'leader elected', message, subject: present.value });
    };
    told = tell();
  });
}

const END_WITHIN_MS = 500;

/** What people and schedules do with resources. Schedules fire often, and are not to drive all else out of memory. */
export function noteSteering(log: EventLog, etcd: Pick<EtcdClient, 'range' | 'watch'>, signal: AbortSignal) {
  const gathering = new Gathering(log, {
    'resource paused': { one: 'was paused', many: 'were paused' },
    'resource resumed': { one: 'goes on', many: 'go on' },
    'started over': { one: 'starts over from nothing', many: 'start over from nothing' },
    'failures retried': { one: 'tries its failed pages again', many: 'try their failed pages again' },
    'run begun': { one: 'begins another run', many: 'begin another run', withinMs: SELDOM_MS },
  } satisfies Record<SteeringKind, Wording>);
  return followSteering(etcd, signal, (steering) => {
    for (const { kind, name } of steering) gathering.add(kind, name);
  });
}

const SELDOM_MS = 5_000;

function noteNodes(log: EventLog, role: 'master' | 'worker', nodes: ServiceNodes): void {
  nodes.onChange(({ joined, gone }) => {
    // Who was there before this master is no news.
    if (!nodes.loaded.value) return;
    for (const { id, address } of joined) {
      log.add({ kind: `${role} joined`, message: `${id} joined, at ${address}.`, subject: id });
    }
    for (const { id } of gone) log.add({ kind: `${role} left`, message: `${id} is gone.`, subject: id });
  });
}

function noteDrains(log: EventLog, events: readonly WatchEvent[]): void {
  for (const { type, kv } of events) {
    if (!kv.key.startsWith(keys.drains)) continue;
    const subject = kv.key.slice(keys.drains.length);
    if (type === 'put') log.add({ kind: 'drain begun', message: `${subject} is being drained.`, subject });
    else log.add({ kind: 'drain ended', message: `${subject} is drained no more.`, subject });
  }
}

/** Moves come by thousands: those of a moment are told together. */
class MoveNotes {
  private moves = new Map<string, Move>();

  constructor(private readonly log: EventLog) {}

  add(moves: readonly Move[]): void {
    if (moves.length === 0) return;
    if (this.moves.size === 0) setTimeout(() => this.tell(), MOMENT_MS).unref();
    for (const move of moves) addMove(this.moves, move);
  }

  private tell(): void {
    for (const { from, to, count } of this.moves.values()) {
      const what = count === 1 ? 'A resource' : `${count} resources`;
      const message = `${what} moved from ${from} to ${to}.`;
      this.log.add({ kind: 'resources moved', message, subject: from, to, count });
    }
    this.moves = new Map();
  }
}

const MOMENT_MS = 500;
