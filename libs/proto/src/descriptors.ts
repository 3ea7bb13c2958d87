import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let cached: Uint8Array | undefined;

/** A serialized `google.protobuf.FileDescriptorSet` of every .proto of this library and their imports. */
export function descriptorSet(): Uint8Array {
  cached ??= readFileSync(fileURLToPath(new URL('./descriptors.binpb', import.meta.url)));
  return cached;
}
