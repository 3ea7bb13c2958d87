/** What is kept in etcd of the leaders' terms, for masters that were not there. */
export interface TermRecord {
  /** Of the leader's key; its lease is in its name. */
  readonly key: string;
  readonly value: string;
  readonly term: bigint;
  /** By the leader's clock. */
  readonly since: Date;
}

export interface TermEnd {
  readonly value: string;
  readonly term: bigint;
  /** By the clock of who told. */
  readonly at: Date;
  readonly cause: 'resigned' | 'lease expired' | 'key deleted';
  /** One sentence, of which the leader is the subject: `It was stopped.` */
  readonly reason: string;
}

export function encodeTermRecord({ key, value, term, since }: TermRecord): string {
  return JSON.stringify({ key, value, term: String(term), since: since.toISOString() });
}

export function encodeTermEnd({ value, term, at, cause, reason }: TermEnd): string {
  return JSON.stringify({ value, term: String(term), at: at.toISOString(), cause, reason });
}

/** Undefined for what is not ours. */
export function decodeTermRecord(text: string): TermRecord | undefined {
  const { key, value, term, since } = fields(text);
  const at = new Date(since ?? '');
  if (key === undefined || value === undefined || !isTerm(term) || isNaN(at.getTime())) return undefined;
  return { key, value, term: BigInt(term), since: at };
}

export function decodeTermEnd(text: string): TermEnd | undefined {
  const { value, term, at: when, cause, reason } = fields(text);
  const at = new Date(when ?? '');
  if (value === undefined || reason === undefined || !isCause(cause)) return undefined;
  return isTerm(term) && !isNaN(at.getTime()) ? { value, term: BigInt(term), at, cause, reason } : undefined;
}

function fields(text: string): Partial<Record<string, string>> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof read !== 'object' || read === null) return {};
  return Object.fromEntries(
    Object.entries(read).filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}

function isTerm(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,19}$/.test(text);
}

function isCause(text: string | undefined): text is TermEnd['cause'] {
  return text === 'resigned' || text === 'lease expired' || text === 'key deleted';
}
