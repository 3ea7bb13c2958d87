/** Reads the primitive values of Protocol Buffers. Throws on bytes that end too early. */
export class Reader {
  constructor(
    private readonly bytes: Buffer,
    private position: number,
    private readonly end: number,
  ) {}

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  uint32(): number {
    return this.int() >>> 0;
  }

  /** A varint of 64 bits as a number, signed; not exact beyond 2^53. */
  int(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let factor = 0x80;
    for (let i = 1; i < 7; i++, factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number(this.long(BigInt(value), 7));
  }

  int64(): bigint {
    const start = this.position;
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 7; i++, factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return BigInt(value);
    }
    return this.long(BigInt(value), this.position - start);
  }

  latin1(): string {
    const start = this.skipLength();
    return this.bytes.toString('latin1', start, this.position);
  }

  utf8(): string {
    const start = this.skipLength();
    return this.bytes.toString('utf8', start, this.position);
  }

  /** A reader of the length-delimited value that follows. */
  sub(): Reader {
    const start = this.skipLength();
    return new Reader(this.bytes, start, this.position);
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        while (this.byte() >= 0x80);
        return;
      case 1:
        this.advance(8);
        return;
      case 2:
        this.skipLength();
        return;
      case 5:
        this.advance(4);
        return;
      default:
        throw new Error(`unknown wire type ${wireType}`);
    }
  }

  private long(low: bigint, bytesRead: number): bigint {
    let value = low;
    for (let i = bytesRead; i < 10; i++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new Error('a varint of more than 10 bytes');
  }

  private skipLength(): number {
    const length = this.int();
    const start = this.position;
    this.advance(length);
    return start;
  }

  private advance(length: number): void {
    if (length < 0 || this.position + length > this.end) throw new Error('a message that ends too early');
    this.position += length;
  }

  private byte(): number {
    if (this.position >= this.end) throw new Error('a message that ends too early');
    return this.bytes[this.position++]!;
  }
}
