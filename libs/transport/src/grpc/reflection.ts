import { toBinary, type DescFile, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status, type handleBidiStreamingCall, type Server } from '@grpc/grpc-js';
import { reflection } from '@app/proto';
import { descriptors } from '../request/descriptors.js';

type Request = reflection.ServerReflectionRequest;
type Response = reflection.ServerReflectionResponse;

/**
 * Server reflection, v1 and v1alpha, whose messages are the same. The usual package regroups files by
 * proto package and loses services that have none, as the contract's do; this one hands out the files as
 * they are.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const { requestDeserialize, responseSerialize } = reflection.ServerReflectionService.serverReflectionInfo;
  const handler: handleBidiStreamingCall<Request, Response> = (call) => {
    call.on('data', (request: Request) => {
      call.write({ validHost: request.host, originalRequest: request, ...answer(request, services) });
    });
    call.on('end', () => call.end());
  };
  for (const version of ['v1', 'v1alpha']) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    server.register(path, handler, responseSerialize, requestDeserialize, 'bidi');
  }
}

function answer(request: Request, services: readonly string[]): Partial<Response> {
  if (request.listServices !== undefined) {
    return { listServicesResponse: { service: services.map((name) => ({ name })) } };
  }
  if (request.fileByFilename !== undefined) {
    return fileResponse(request.fileByFilename, descriptors().getFile(request.fileByFilename));
  }
  if (request.fileContainingSymbol !== undefined) {
    return fileResponse(request.fileContainingSymbol, fileOf(request.fileContainingSymbol, descriptors()));
  }
  // The contract is proto3 and has no extensions.
  return notFound(request.allExtensionNumbersOfType ?? request.fileContainingExtension?.containingType ?? '');
}

/** The symbol is a message, an enum, a service, or one step inside of one. */
function fileOf(symbol: string, registry: FileRegistry): DescFile | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')));
  return (registry.get(symbol) ?? registry.get(parent))?.file;
}

function fileResponse(wanted: string, file: DescFile | undefined): Partial<Response> {
  if (file === undefined) {
    return notFound(wanted);
  }
  const files = [...withImports(file, new Set())];
  return {
    fileDescriptorResponse: {
      fileDescriptorProto: files.map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto))),
    },
  };
}

function withImports(file: DescFile, found: Set<DescFile>): Set<DescFile> {
  if (!found.has(file)) {
    found.add(file);
    file.dependencies.forEach((imported) => withImports(imported, found));
  }
  return found;
}

function notFound(wanted: string): Partial<Response> {
  return { errorResponse: { errorCode: status.NOT_FOUND, errorMessage: `not found: ${wanted}` } };
}
