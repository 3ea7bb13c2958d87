import type { DescField, DescMethod } from '@bufbuild/protobuf';

/** What the .proto file says above a field or a method of a top-level message or service, as one line. */
export function commentOf(of: DescField | DescMethod): string {
  const file = of.parent.file.proto;
  const path =
    of.kind === 'rpc'
      ? [SERVICE, file.service.indexOf(of.parent.proto), METHOD, of.parent.proto.method.indexOf(of.proto)]
      : [MESSAGE, file.messageType.indexOf(of.parent.proto), FIELD, of.parent.proto.field.indexOf(of.proto)];
  const at = path.join('.');
  const location = file.sourceCodeInfo?.location.find((one) => one.path.join('.') === at);
  return (location?.leadingComments ?? '').replaceAll(/\s+/g, ' ').trim();
}

/** Field numbers of descriptor.proto, which paths are made of. */
const MESSAGE = 4;
const SERVICE = 6;
const FIELD = 2;
const METHOD = 2;
