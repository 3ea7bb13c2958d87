import { advertisedAddress, parseListen, type Interfaces } from './address.js';

describe('parseListen', () => {
  it.each([
    [':9091', '', 9091],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['example.org:80', 'example.org', 80],
    ['[::1]:9091', '::1', 9091],
    ['[::]:65535', '::', 65535],
  ])('reads %s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
  });

  it.each([
    '',
    '9091',
    'host',
    'host:',
    ':65536',
    '::1:9091',
    '[x]:1',
    '[127.0.0.1]:1',
    'a b:1',
    'http://a:1',
  ])('refuses %j and says what would be right', (text) => {
    expect(() => parseListen(text)).toThrow(/host:port, \[ipv6\]:port or :port/);
  });
});

describe('advertisedAddress', () => {
  const v4 = (address: string, internal = false) => ({ address, family: 'IPv4' as const, internal });
  const interfaces: Interfaces = {
    lo: [v4('127.0.0.1', true)],
    eth0: [{ address: 'fe80::1', family: 'IPv6', internal: false }, v4('203.0.113.9')],
    eth1: [v4('10.156.157.194'), v4('192.168.0.107')],
  };
  const of = (listen: string, advertise?: string, its = interfaces) =>
    advertisedAddress({ listen, boundPort: 4711, advertise, interfaces: its });

  it.each([':9091', '0.0.0.0:9091', '[::]:9091', '[0:0::0]:0'])(
    'takes the first private address of the machine for %s',
    (listen) => {
      expect(of(listen)).toBe('10.156.157.194:4711');
    },
  );

  it('takes another address where there is no private one, and loopback where there is none at all', () => {
    expect(of(':1', undefined, { eth0: interfaces.eth0 })).toBe('203.0.113.9:4711');
    expect(of(':1', undefined, { lo: interfaces.lo })).toBe('127.0.0.1:4711');
  });

  it.each([
    ['172.15.0.1', '172.16.0.1'],
    ['172.32.0.1', '172.31.0.1'],
    ['100.128.0.1', '100.64.0.1'],
    ['11.0.0.1', '10.0.0.1'],
  ])('knows %s from the private %s', (outer, inner) => {
    expect(of(':1', undefined, { a: [v4(outer)], b: [v4(inner)] })).toBe(`${inner}:4711`);
  });

  it('keeps the host that is listened on, with the port that is really bound', () => {
    expect(of('127.0.0.1:0')).toBe('127.0.0.1:4711');
    expect(of('[::1]:9091')).toBe('[::1]:4711');
  });

  it('prefers what is set, and completes it', () => {
    expect(of(':9091', 'master.example.org:443')).toBe('master.example.org:443');
    expect(of(':9091', '10.0.0.7')).toBe('10.0.0.7:4711');
    expect(of(':9091', 'fd00::7')).toBe('[fd00::7]:4711');
    expect(of(':9091', ':5000')).toBe('10.156.157.194:5000');
    expect(of('127.0.0.1:1', '')).toBe('127.0.0.1:4711');
  });
});
