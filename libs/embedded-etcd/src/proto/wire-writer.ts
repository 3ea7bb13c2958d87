/**
 * Writes the primitive values of Protocol Buffers from the last byte to the first: so the length of a nested
 * message is known when its turn comes, and everything is written once, in place.
 */
const KEPT_SIZE = 1024 * 1024;

export class Writer {
  private buffer = Buffer.allocUnsafeSlow(64 * 1024);
  private position = this.buffer.length;

  private static readonly shared = new Writer();

  /** What `fill` writes, after `room` bytes left free. */
  static write(fill: (writer: Writer) => void, room: number): Buffer {
    const writer = Writer.shared;
    writer.position = writer.buffer.length;
    fill(writer);
    return writer.take(room);
  }

  get written(): number {
    return this.buffer.length - this.position;
  }

  uint(value: number): void {
    if (value < 0x80) {
      this.reserve(1);
      this.buffer[this.position] = value;
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
    this.reserve(length);
    let at = this.position;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.buffer[at++] = (rest % 0x80) | 0x80;
    this.buffer[at] = rest;
  }

  int(value: number): void {
    if (value >= 0) this.uint(value);
    else this.int64(BigInt(value));
  }

  int64(value: bigint): void {
    if (value >= 0n && value <= MAX_EXACT) {
      this.uint(Number(value));
      return;
    }
    const bits = BigInt.asUintN(64, value);
    let length = 1;
    for (let rest = bits >> 7n; rest > 0n; rest >>= 7n) length++;
    this.reserve(length);
    let rest = bits;
    for (let i = 0; i < length; i++, rest >>= 7n) {
      this.buffer[this.position + i] = Number(rest & 0x7fn) | (i < length - 1 ? 0x80 : 0);
    }
  }

  latin1(value: string): void {
    const { length } = value;
    this.reserve(length);
    this.buffer.write(value, this.position, length, 'latin1');
    this.uint(length);
  }

  utf8(value: string): void {
    const length = Buffer.byteLength(value);
    this.reserve(length);
    this.buffer.write(value, this.position, length, 'utf8');
    this.uint(length);
  }

  private take(room: number): Buffer {
    this.reserve(room);
    const written = this.buffer.subarray(this.position);
    if (this.buffer.length > KEPT_SIZE) {
      // Not worth a copy, nor worth keeping.
      this.buffer = Buffer.allocUnsafeSlow(KEPT_SIZE);
      return written;
    }
    return Buffer.from(written);
  }

  private reserve(length: number): void {
    if (length <= this.position) {
      this.position -= length;
      return;
    }
    const used = this.buffer.length - this.position;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.buffer.length, used + length));
    this.buffer.copy(grown, grown.length - used, this.position);
    this.position = grown.length - used - length;
    this.buffer = grown;
  }
}

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);
