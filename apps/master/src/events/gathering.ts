import type { EventLog } from './event-log.js';

/** Happenings that come by thousands: those of a kind are told together, a moment after the first of them. */
export class Gathering {
  private readonly gathered = new Map<string, Gathered>();

  constructor(
    private readonly log: Pick<EventLog, 'add'>,
    private readonly kinds: Readonly<Record<string, Wording>>,
  ) {}

  /** `detail` is told where it is of one resource alone. */
  add(kind: string, name: string, detail = ''): void {
    const known = this.gathered.get(kind);
    if (known !== undefined) {
      known.count++;
      known.name = known.name === name ? name : undefined;
      known.detail = detail;
    } else {
      this.gathered.set(kind, { name, detail, count: 1 });
      setTimeout(() => this.tell(kind), this.kinds[kind]?.withinMs ?? MOMENT_MS).unref();
    }
  }

  private tell(kind: string): void {
    const told = this.gathered.get(kind);
    const wording = this.kinds[kind];
    this.gathered.delete(kind);
    if (told === undefined || wording === undefined) return;
    const { name, detail, count } = told;
    const message =
      name === undefined ? `${count} resources ${wording.many}.` : `${name} ${wording.one}${detail}.`;
    this.log.add({ kind, message, subject: name ?? '', count });
  }
}

interface Gathered {
  /** Undefined when they are of several. */
  name: string | undefined;
  detail: string;
  count: number;
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
