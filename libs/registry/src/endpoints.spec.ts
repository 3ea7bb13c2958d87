import { readFileSync } from 'node:fs';
import { descriptorSet, services } from '@app/proto';
import { endpointsOf } from './endpoints.js';
import { decodeService, encodeService } from './service-record.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

describe('endpointsOf', () => {
  it('describes the Greeter as the original program registered it', () => {
    const [seed] = JSON.parse(fixture('registry-seed.json').toString()) as { value: string }[];
    const original = decodeService(seed!.value)!;
    const ours = { ...original, endpoints: endpointsOf(descriptorSet(), ['Greeter']) };
    expect(encodeService(ours)).toBe(seed!.value);
  });

  // What Go's reflection says of the types that protoc-gen-go makes of edge.proto.
  it('names fields and types as Go does: nesting, depth, oneofs, maps, lists, bytes, enums, streams', () => {
    const expected = JSON.parse(fixture('edge-endpoints.json').toString()) as unknown;
    expect(endpointsOf(fixture('edge.binpb'), ['edge.v1.Edge'])).toEqual(expected);
  });

  it('lists every RPC of every service, sorted by name', () => {
    const names = endpointsOf(descriptorSet(), Object.keys(services)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['Cluster.WatchResources', 'CrawlerMaster.AddResource', 'Greeter.Hello']),
    );
    expect(names).toEqual([...names].sort());
  });

  it('knows a service that does not exist for a mistake', () => {
    expect(() => endpointsOf(descriptorSet(), ['Gritter'])).toThrow(/no service Gritter/);
  });
});
