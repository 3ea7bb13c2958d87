import { createRequire } from 'node:module';
import { OrbweaverError } from '@app/errors';

/**
 * Gives IDs that never repeat: 41 bits of milliseconds since `EPOCH_MS`, 10 bits of node, 12 of sequence.
 *
 * Within one generator each ID is above the one before, whatever the clock does: when it steps back or a
 * millisecond is used up, the generator's own time runs ahead of it and never waits. Across generators IDs
 * differ because each gives only IDs above the mark that it was made with and up to the mark that it was
 * allowed: who has moved the mark in etcd (and only the leader can) has that span of time alone. The node
 * number keeps apart even those who would break that rule.
 */
export class IdGenerator {
  readonly #node: number;
  readonly #now: () => number;
  readonly #spanMs: number;
  #markMs: number;
  #ms: number;
  #sequence = MAX_SEQUENCE;
  #first = 0n;

  /** `floorMs` is the mark found in etcd (0 when there was none): every ID is given a later millisecond. */
  constructor(node: number, options: { floorMs: number; spanMs?: number; now?: () => number }) {
    if (!Number.isInteger(node) || node < MIN_NODE || node > MAX_NODE) {
      throw new OrbweaverError('INVALID_ARGUMENT', `an ID node is ${MIN_NODE} to ${MAX_NODE}, not ${node}`);
    }
    checkMs(options.floorMs);
    this.#node = node;
    this.#now = options.now ?? Date.now;
    this.#spanMs = options.spanMs ?? 10_000;
    this.#markMs = options.floorMs;
    this.#ms = Math.max(options.floorMs, EPOCH_MS);
  }

  /** Whether an ID can be given now, without the mark being moved first. */
  get ready(): boolean {
    return this.#nextMs() <= this.#markMs;
  }

  /**
   * The mark to write to etcd: once less than half of the span is left, so in good time. Undefined while
   * there is enough. When it is written, `allow` it.
   */
  needsMark(): number | undefined {
    const next = this.#nextMs();
    return next + this.#spanMs / 2 <= this.#markMs ? undefined : next + this.#spanMs;
  }

  /** The mark has been written, by this leader, in a fenced transaction. */
  allow(markMs: number): void {
    checkMs(markMs);
    this.#markMs = Math.max(this.#markMs, markMs);
  }

  /** The next ID as decimal text. UNAVAILABLE when the mark has to be moved first. */
  next(): string {
    const ms = this.#nextMs();
    if (ms > this.#markMs)
      throw new OrbweaverError('UNAVAILABLE', 'no ID can be given before the clock mark has moved');
    if (ms > this.#ms) {
      this.#ms = ms;
      this.#sequence = 0;
      this.#first = firstOf(this.#node, ms);
    } else {
      this.#sequence += 1;
    }
    return String(this.#first + BigInt(this.#sequence));
  }

  /** The millisecond that the next ID belongs to. */
  #nextMs(): number {
    const now = Math.floor(this.#now());
    if (now > this.#ms) return now;
    return this.#sequence < MAX_SEQUENCE ? this.#ms : this.#ms + 1;
  }
}

/** The milliseconds that IDs count from, as everywhere where snowflakes are called so. */
export const EPOCH_MS = 1_288_834_974_657;

// 0 and 1023 are no numbers here: the package takes them for 1 and for 0.
const MIN_NODE = 1;
const MAX_NODE = 1022;
const MAX_SEQUENCE = 4095;
const LAST_MS = EPOCH_MS + 2 ** 41 - 1;

interface Package {
  default: new (options: { mid: number; offset: number }) => { generate(): string };
}

// A CommonJS package without types, whose default export each loader of ES modules gives in its own way.
const require = createRequire(import.meta.url);
const { default: Snowflake } = require('snowflake-id') as Package;

/**
 * The first ID of a millisecond, from the package. It reads the clock itself, so its offset is set to make
 * its now our millisecond; should the clock tick between the two readings, the ID shows it.
 */
function firstOf(node: number, ms: number): bigint {
  for (;;) {
    const id = BigInt(new Snowflake({ mid: node, offset: Date.now() - (ms - EPOCH_MS) }).generate());
    if (Number(id >> 22n) === ms - EPOCH_MS) return id;
  }
}

function checkMs(ms: number): void {
  if (Number.isInteger(ms) && ms >= 0 && ms <= LAST_MS) return;
  throw new OrbweaverError('INVALID_ARGUMENT', `not a time that an ID can carry: ${ms} ms`);
}
