import { EventEmitter } from 'node:events';
import type { handleBidiStreamingCall, Server, ServiceDefinition } from '@grpc/grpc-js';
import { descriptorSet } from '@app/proto';

/**
 * Server reflection, v1 and v1alpha. It needs protobufjs, which is slow to load and which most servers
 * are never asked for: the first call loads it.
 */
export function addReflection(server: Server, services: string[]): void {
  let loading: Promise<Map<string, Answer>> | undefined;
  for (const version of ['v1', 'v1alpha']) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const handler: Answer = (call) => {
      loading ??= load(services);
      loading.then(
        (answers) => answers.get(path)?.(call),
        (error: unknown) => call.emit('error', error),
      );
    };
    server.register(path, handler, bytes, bytes, 'bidi');
  }
}

type Answer = handleBidiStreamingCall<Buffer, Buffer>;

const bytes = (value: Buffer): Buffer => value;

async function load(services: string[]): Promise<Map<string, Answer>> {
  const [{ ReflectionService }, { loadFileDescriptorSetFromBuffer }] = await Promise.all([
    import('@grpc/reflection'),
    import('@grpc/proto-loader'),
  ]);
  const answers = new Map<string, Answer>();
  // What the package would add to a server, with the coding of messages done here.
  const collector = {
    addService(definition: ServiceDefinition, handlers: Record<string, (stream: object) => void>) {
      for (const [name, method] of Object.entries(definition)) {
        answers.set(method.path, (call) => {
          const stream = Object.assign(new EventEmitter(), {
            write: (message: unknown) => call.write(method.responseSerialize(message)),
            end: () => call.end(),
          });
          handlers[name]?.(stream);
          call.on('data', (request: Buffer) => stream.emit('data', method.requestDeserialize(request)));
          call.once('end', () => stream.emit('end'));
        });
      }
    },
  };
  const definition = loadFileDescriptorSetFromBuffer(Buffer.from(descriptorSet()));
  new ReflectionService(definition, { services }).addToServer(collector as unknown as Server);
  return answers;
}
