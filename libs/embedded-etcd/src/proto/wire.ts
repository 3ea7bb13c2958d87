/**
 * Protocol Buffers, as much as etcd's messages need: a table of fields a message, checked by the compiler
 * against its type, read and written by one loop. The tests hold every table against the .proto files.
 *
 * Not generated, for the sake of the start: the generator's run-time library takes longer to load than the rest
 * of the server. `bytes` are strings of one character a byte, as the store keeps them (see mvcc/key-value.ts).
 */
import { Reader } from './wire-reader.js';
import { Writer } from './wire-writer.js';

export interface MessageType<T> {
  decode(bytes: Buffer): T;
  /** The message, after `room` bytes that are the caller's to fill. */
  encode(message: T, room?: number): Buffer;
}

type Scalar = 'bytes' | 'string' | 'bool' | 'int' | 'int64' | 'uint64';

/** A field of the type T; the type is the compiler's only. */
export interface Field<T> {
  readonly number: number;
  readonly repeated: boolean;
  readonly kind: Scalar | (() => Message<unknown>);
  readonly type?: (value: T) => T;
}

const scalar =
  <T>(kind: Scalar) =>
  (number: number): Field<T> => ({ number, repeated: false, kind });

export const bytes = scalar<string>('bytes');
export const text = scalar<string>('string');
export const bool = scalar<boolean>('bool');
/** An enum, or an int64 of which numbers beyond 2^53 need not be exact: a count, a limit, seconds. */
export const int = scalar<number>('int');
export const int64 = scalar<bigint>('int64');
export const uint64 = scalar<bigint>('uint64');

export function one<T>(number: number, type: () => MessageType<T>): Field<T | undefined> {
  return { number, repeated: false, kind: type as unknown as () => Message<unknown> };
}

/** A message that every sender sets. */
export function always<T>(number: number, type: () => MessageType<T>): Field<T> {
  return { number, repeated: false, kind: type as unknown as () => Message<unknown> };
}

export function many<T>(number: number, type: () => MessageType<T>): Field<readonly T[]> {
  return { number, repeated: true, kind: type as unknown as () => Message<unknown> };
}

export function list<T>(field: Field<T>): Field<readonly T[]> {
  return { number: field.number, repeated: true, kind: field.kind };
}

type Fields<T> = { [K in keyof Required<T>]: Field<T[K]> };

export function message<T extends object>(fields: Fields<T>): MessageType<T> {
  return new Message<T>(Object.entries(fields) as [string, Field<unknown>][]);
}

type Values = Record<string, unknown>;

class Message<T> implements MessageType<T> {
  private readonly byNumber: (NamedField | undefined)[] = [];
  private readonly inOrder: NamedField[];
  private readonly lists: string[] = [];
  private readonly defaults: Values = {};

  constructor(fields: [string, Field<unknown>][]) {
    this.inOrder = fields.map(([name, { number, repeated, kind }]) => ({ name, number, repeated, kind }));
    for (const field of this.inOrder) {
      this.byNumber[field.number] = field;
      this.defaults[field.name] = field.repeated ? NONE : defaultOf(field.kind);
      if (field.repeated) this.lists.push(field.name);
    }
    this.inOrder.sort((a, b) => b.number - a.number);
  }

  decode(bytes: Buffer): T {
    return this.read(new Reader(bytes, 0, bytes.length)) as T;
  }

  encode(message: T, room = 0): Buffer {
    return Writer.write((writer) => this.write(message as Values, writer), room);
  }

  read(reader: Reader): Values {
    const message = { ...this.defaults };
    for (const name of this.lists) message[name] = [];
    while (!reader.atEnd) {
      const tag = reader.uint32();
      const field = this.byNumber[tag >>> 3];
      if (field === undefined) reader.skip(tag & 7);
      else if (field.repeated) readInto(message[field.name] as unknown[], field.kind, reader, tag & 7);
      else message[field.name] = readValue(field.kind, reader, tag & 7);
    }
    return message;
  }

  /** From the last field to the first, since the writer goes backwards. */
  write(message: Values, writer: Writer): void {
    for (const field of this.inOrder) {
      const value = message[field.name];
      if (!field.repeated) {
        if (value !== undefined) writeValue(field, value, writer, false);
        continue;
      }
      const values = value as readonly unknown[];
      for (let i = values.length - 1; i >= 0; i--) writeValue(field, values[i], writer, true);
    }
  }
}

interface NamedField {
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly kind: Field<unknown>['kind'];
}

const NONE: readonly never[] = [];
const VARINT = 0;
const LENGTH_DELIMITED = 2;

function defaultOf(kind: Field<unknown>['kind']): unknown {
  switch (kind) {
    case 'bytes':
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
      return 0;
    case 'int64':
    case 'uint64':
      return 0n;
    default:
      return undefined;
  }
}

function readInto(values: unknown[], kind: Field<unknown>['kind'], reader: Reader, wireType: number): void {
  if (kind !== 'int' || wireType !== LENGTH_DELIMITED) {
    values.push(readValue(kind, reader, wireType));
    return;
  }
  const packed = reader.sub();
  while (!packed.atEnd) values.push(packed.int());
}

function readValue(kind: Field<unknown>['kind'], reader: Reader, wireType: number): unknown {
  if (wireType !== wireTypeOf(kind)) throw new Error(`unexpected wire type ${wireType}`);
  switch (kind) {
    case 'bytes':
      return reader.latin1();
    case 'string':
      return reader.utf8();
    case 'bool':
      return reader.int() !== 0;
    case 'int':
      return reader.int();
    case 'int64':
      return reader.int64();
    case 'uint64':
      return BigInt.asUintN(64, reader.int64());
    default:
      return kind().read(reader.sub());
  }
}

/** A value that is its type's default is left out, unless it stands in a list. */
function writeValue(field: NamedField, value: unknown, writer: Writer, always: boolean): void {
  const { kind, number } = field;
  switch (kind) {
    case 'bytes':
      if (!always && value === '') return;
      writer.latin1(value as string);
      break;
    case 'string':
      if (!always && value === '') return;
      writer.utf8(value as string);
      break;
    case 'bool':
      if (!always && value === false) return;
      writer.uint(value === true ? 1 : 0);
      break;
    case 'int':
      if (!always && value === 0) return;
      writer.int(value as number);
      break;
    case 'int64':
    case 'uint64':
      if (!always && value === 0n) return;
      writer.int64(value as bigint);
      break;
    default: {
      const before = writer.written;
      kind().write(value as Values, writer);
      writer.uint(writer.written - before);
    }
  }
  writer.uint((number << 3) | wireTypeOf(kind));
}

function wireTypeOf(kind: Field<unknown>['kind']): number {
  return kind === 'bool' || kind === 'int' || kind === 'int64' || kind === 'uint64'
    ? VARINT
    : LENGTH_DELIMITED;
}
