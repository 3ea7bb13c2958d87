import type { EventLog } from './event-log.js';

/** Happenings that come by thousands: those of a kind are told together, a moment after the first of them. */
export class Gathering {
  private readonly gathered = new Map<string, { first: string; count: number }>();

  constructor(
    private readonly log: Pick<EventLog, 'add'>,
    private readonly kinds: Readonly<Record<string, Wording>>,
  ) {}

  add(kind: string, name: string): void {
    const known = this.gathered.get(kind);
    if (known !== undefined) known.count++;
    else {
      this.gathered.set(kind, { first: name, count: 1 });
      setTimeout(() => this.tell(kind), this.kinds[kind]?.withinMs ?? MOMENT_MS).unref();
    }
  }

  private tell(kind: string): void {
    const told = this.gathered.get(kind);
    const wording = this.kinds[kind];
    this.gathered.delete(kind);
    if (told === undefined || wording === undefined) return;
    const { first, count } = told;
    const message = count === 1 ? `${first} ${wording.one}.` : `${count} resources ${wording.many}.`;
    this.log.add({ kind, message, subject: count === 1 ? first : '', count });
  }
}

export interface Wording {
  /** After the name of a resource. */
  readonly one: string;
  /** After their number. */
  readonly many: string;
  /** How long others are waited for. */
  readonly withinMs?: number;
}

const MOMENT_MS = 500;
