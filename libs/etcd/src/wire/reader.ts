import { OrbweaverError } from '@app/errors';

const TWO_TO_THE_32 = 0x1_0000_0000;

/** Reads the fields of one protobuf message, which ends at `end`. Nested messages share the bytes. */
export class Reader {
  #position: number;

  constructor(
    readonly bytes: Buffer,
    start = 0,
    readonly end = bytes.length,
  ) {
    this.#position = start;
  }

  get position(): number {
    return this.#position;
  }

  more(): boolean {
    return this.#position < this.end;
  }

  /** The next field's number and wire type, as one number. */
  tag(): number {
    return this.uint();
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  /** Exact up to 2^53. */
  uint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#next();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  int64(): bigint {
    let low = 0;
    let high = 0;
    // 28 bits, then 28, then the last 8: each part stays within the reach of the bit operators.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#next();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#next();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) return join(low, high, 0);
    }
    let top = this.#next();
    if (top >= 0x80) top = (top & 0x7f) | (this.#next() << 7);
    return join(low, high, top);
  }

  string(): string {
    const length = this.uint();
    const start = this.#advance(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  message(): Reader {
    const length = this.uint();
    const start = this.#advance(length);
    return new Reader(this.bytes, start, start + length);
  }

  /** Steps over the value of a field that is of no interest or unknown. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        while (this.#next() >= 0x80);
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#advance(this.uint());
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw malformed();
    }
  }

  #next(): number {
    if (this.#position >= this.end) throw malformed();
    return this.bytes[this.#position++] as number;
  }

  #advance(length: number): number {
    const start = this.#position;
    this.#position += length;
    if (this.#position > this.end) throw malformed();
    return start;
  }
}

function join(low: number, high: number, top: number): bigint {
  if (top === 0 && high < 0x200_0000) return BigInt(high * 0x1000_0000 + low);
  const upper = ((high >>> 4) | (top << 24)) >>> 0;
  const lower = (low | (high << 28)) >>> 0;
  return BigInt.asIntN(64, BigInt(upper) * BigInt(TWO_TO_THE_32) + BigInt(lower));
}

function malformed(): OrbweaverError {
  return new OrbweaverError('INTERNAL', 'etcd sent a message that ends too early or is not protobuf');
}
