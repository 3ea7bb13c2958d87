import {
  createFileRegistry,
  fromBinary,
  ScalarType,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { compareUtf8 } from '@app/go-json';
import { OrbweaverError } from '@app/errors';
import type { Endpoint, Value } from './service-record.js';

/**
 * The endpoints that go-micro v4 would list for these services. It takes them from the Go types which
 * protoc-gen-go and protoc-gen-micro make, so names and types here are those of Go.
 *
 * `services` are full names, or names without their package; `descriptorSet` is a FileDescriptorSet.
 */
export function endpointsOf(descriptorSet: Uint8Array, services: readonly string[]): Endpoint[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const known = [...registry].filter((type) => type.kind === 'service');
  return services
    .flatMap((name) => serviceOf(known, name).methods.map(endpoint))
    .sort((a, b) => compareUtf8(a.name, b.name));
}

/** RPCs with an HTTP route in the original's contract. */
const ROUTES: Readonly<Record<string, { method: string; path: string }>> = {
  'Greeter.Hello': { method: 'POST', path: '/greeter/hello' },
};

/** go-micro describes a message, its fields and the fields of those; no deeper. */
const MAX_DEPTH = 2;

function serviceOf(known: readonly DescService[], name: string): DescService {
  const service = known.find((other) => other.typeName === name || other.name === name);
  if (service === undefined) throw new OrbweaverError('INTERNAL', `no service ${name} among the descriptors`);
  return service;
}

function endpoint(method: DescMethod): Endpoint {
  const name = `${method.parent.name}.${method.name}`;
  if (method.methodKind !== 'unary') {
    // The handler of a stream takes the context and the stream; messages do not show in its signature.
    const [request, response] = [leaf('Context', 'Context'), leaf('Stream', 'Stream')];
    return { name, request, response, metadata: { stream: 'true' } };
  }
  const route = ROUTES[name];
  return {
    name,
    request: message(method.input, goName(method.input), 0),
    response: message(method.output, goName(method.output), 0),
    metadata: route === undefined ? {} : { endpoint: name, handler: 'rpc', ...route },
  };
}

function message(type: DescMessage, name: string, depth: number): Value {
  const values =
    depth === MAX_DEPTH
      ? []
      : type.members.map((member) => {
          if (member.kind === 'field') return field(member, depth + 1);
          const wrapper = `is${goName(type)}_${camelCase(member.name)}`;
          return leaf(wrapper, wrapper);
        });
  return { name, type: goName(type), values: values.length === 0 ? null : values };
}

function field(desc: DescField, depth: number): Value {
  if (desc.fieldKind === 'message') return message(desc.message, desc.name, depth);
  return leaf(desc.name, typeOf(desc));
}

function typeOf(desc: Exclude<DescField, { fieldKind: 'message' }>): string {
  if (desc.fieldKind === 'list') return `[]${elementType(desc)}`;
  // To Go the type of a map has no name.
  if (desc.fieldKind === 'map') return '';
  return desc.fieldKind === 'enum' ? goName(desc.enum) : GO_TYPES[desc.scalar];
}

function elementType(desc: DescField & { fieldKind: 'list' }): string {
  if (desc.listKind === 'message') return goName(desc.message);
  if (desc.listKind === 'enum') return goName(desc.enum);
  // A slice of slices: its element type has no name.
  return desc.scalar === ScalarType.BYTES ? '' : GO_TYPES[desc.scalar];
}

function leaf(name: string, type: string): Value {
  return { name, type, values: null };
}

/** A type nested in messages is called by all their names. */
function goName(type: DescMessage | DescEnum): string {
  const name = camelCase(type.name);
  return type.parent === undefined ? name : `${goName(type.parent)}_${name}`;
}

function camelCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const GO_TYPES: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: 'float64',
  [ScalarType.FLOAT]: 'float32',
  [ScalarType.INT64]: 'int64',
  [ScalarType.SINT64]: 'int64',
  [ScalarType.SFIXED64]: 'int64',
  [ScalarType.UINT64]: 'uint64',
  [ScalarType.FIXED64]: 'uint64',
  [ScalarType.INT32]: 'int32',
  [ScalarType.SINT32]: 'int32',
  [ScalarType.SFIXED32]: 'int32',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.FIXED32]: 'uint32',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.STRING]: 'string',
  [ScalarType.BYTES]: '[]uint8',
};
