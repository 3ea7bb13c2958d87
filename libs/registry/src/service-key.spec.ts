import {
  checkId,
  idFromPodIp,
  MASTER_SERVICE,
  nodeId,
  registryKey,
  servicePrefix,
  WORKER_SERVICE,
} from './service-key.js';

describe('registry keys', () => {
  it('are those of go-micro', () => {
    expect(registryKey(WORKER_SERVICE, nodeId(WORKER_SERVICE, '2'))).toBe(
      '/micro/registry/go.micro.server.worker/go.micro.server.worker-2',
    );
    expect(servicePrefix(MASTER_SERVICE)).toBe('/micro/registry/go.micro.server.master/');
    expect(registryKey('a/b', 'c/d/e')).toBe('/micro/registry/a-b/c-d-e');
  });
});

describe('checkId', () => {
  it.each(['1', 'worker_a.2', '169090601'])('takes %s', (id) => {
    expect(() => checkId(id)).not.toThrow();
  });

  it.each(['', 'a-b', 'a|b', 'a/b', 'ä', 'a b', '1\n'])(
    'refuses %j, for such characters separate fields',
    (id) => {
      expect(() => checkId(id)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );
});

describe('idFromPodIp', () => {
  it('is the address as a 32-bit number, most significant byte first', () => {
    expect(['10.0.0.7', '0.0.0.1', '255.255.255.255'].map(idFromPodIp)).toEqual([
      '167772167',
      '1',
      '4294967295',
    ]);
  });

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.0.1', '::1', 'pod'])('refuses %j', (ip) => {
    expect(() => idFromPodIp(ip)).toThrow(/IPv4/);
  });
});
