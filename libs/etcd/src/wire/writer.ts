const INITIAL_BYTES = 256;

/**
 * Writes protobuf fields of the few kinds that etcd's requests have. Nested messages are written in place: one
 * byte is kept free for their length, and what follows is moved on the rare occasion that one is not enough.
 */
export class Writer {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #end = 0;

  /** proto3: a field with its type's default is left out. */
  bool(field: number, value: boolean | undefined): void {
    if (value) this.uint(field, 1);
  }

  /** A non-negative integer that is at home in a number: an enum, a limit. */
  uint(field: number, value: number): void {
    this.#reserve(15);
    this.#varint(field << 3);
    this.#varint(value);
  }

  int64(field: number, value: bigint): void {
    this.#reserve(15);
    this.#varint(field << 3);
    if (value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#varint(Number(value));
      return;
    }
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#end++] = Number(rest);
  }

  string(field: number, value: string): void {
    // Three bytes of UTF-8 for one UTF-16 unit is the worst there is.
    this.#reserve(value.length * 3 + 10);
    this.#varint((field << 3) | 2);
    const start = this.#end + 1;
    this.#end = start + this.#bytes.write(value, start, 'utf8');
    this.#closeAt(start);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#reserve(value.length + 10);
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Begins a nested message; `close` takes what this gives. */
  open(field: number): number {
    this.#reserve(10);
    this.#varint((field << 3) | 2);
    return ++this.#end;
  }

  close(start: number): void {
    this.#reserve(10);
    this.#closeAt(start);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  #closeAt(start: number): void {
    const length = this.#end - start;
    const lengthBytes =
      length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    if (lengthBytes > 1) this.#bytes.copyWithin(start + lengthBytes - 1, start, this.#end);
    this.#end = start - 1;
    this.#varint(length);
    this.#end += length;
  }

  #varint(value: number): void {
    let rest = value;
    // Numbers above 2^31 leave the reach of the bit operators.
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = (rest % 128) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#end++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#end++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
  }
}
