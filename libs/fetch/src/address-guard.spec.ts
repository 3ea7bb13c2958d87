import fc from 'fast-check';
import { AddressGuard } from './address-guard.js';

const guard = new AddressGuard(false);

describe('AddressGuard', () => {
  it.each([
    ['loopback', ['127.0.0.1', '127.255.0.3', '::1']],
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['private', ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['shared by carriers', ['100.64.0.1', '100.127.255.255']],
    ['link-local', ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
    ['unique-local', ['fc00::1', 'fd12:3456::1']],
    ['site-local, of old', ['fec0::1']],
    ['of cloud metadata', ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16']],
    ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1']],
    ['reserved and for documents', ['192.0.2.1', '198.51.100.7', '203.0.113.9', '240.0.0.1', '2001:db8::1']],
    ['no address at all', ['', 'localhost', '127.1', '0x7f000001', '1.2.3']],
  ])('refuses what is %s', (_name, addresses) => {
    expect(addresses.filter((address) => !guard.refuses(address))).toEqual([]);
  });

  it('lets public addresses through', () => {
    const addresses = [
      '1.1.1.1',
      '93.184.215.14',
      '172.32.0.1',
      '100.128.0.1',
      '2606:4700::1111',
      '2a00:1450::',
    ];
    expect(addresses.filter((address) => guard.refuses(address))).toEqual([]);
  });

  it('refuses every form of IPv6 that embeds an IPv4 address, however it is written', () => {
    const octet = fc.nat({ max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), ([a, b, c, d]) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const high = (a * 256 + b).toString(16);
        const low = (c * 256 + d).toString(16);
        const forms = [
          `::ffff:${dotted}`,
          `::ffff:${high}:${low}`,
          `0:0:0:0:0:FFFF:${dotted}`,
          `::${dotted}`,
          `::${high}:${low}`,
          `::ffff:0:${dotted}`,
          `64:ff9b::${dotted}`,
          `64:ff9b:1::${dotted}`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::1`,
        ];
        expect(forms.filter((form) => !guard.refuses(form))).toEqual([]);
      }),
    );
  });

  it('decides the same for every way to write an IPv6 address', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((group) => group.toString(16).padStart(4, '0').toUpperCase()).join(':');
        const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
        expect(guard.refuses(long)).toBe(guard.refuses(short));
      }),
    );
  });

  it('decides for each IPv4 address as arithmetic on its octets does', () => {
    const octet = fc.nat({ max: 255 });
    fc.assert(
      fc.property(
        fc.tuple(fc.oneof(octet, fc.constantFrom(10, 100, 127, 169, 172, 192)), octet, octet, octet),
        (o) => {
          const [a, b, c] = o;
          const isSpecial =
            [0, 10, 127].includes(a) ||
            a >= 224 ||
            (a === 100 && b >= 64 && b < 128) ||
            (a === 169 && b === 254) ||
            (a === 172 && b >= 16 && b < 32) ||
            (a === 192 && b === 168) ||
            (a === 192 && b === 0 && (c === 0 || c === 2)) ||
            (a === 192 && b === 88 && c === 99) ||
            (a === 198 && (b === 18 || b === 19)) ||
            (a === 198 && b === 51 && c === 100) ||
            (a === 203 && b === 0 && c === 113) ||
            o.join('.') === '168.63.129.16';
          expect(guard.refuses(o.join('.'))).toBe(isSpecial);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('refuses nothing when private addresses are allowed', () => {
    const open = new AddressGuard(true);
    expect(['127.0.0.1', '::1', '169.254.169.254'].filter((address) => open.refuses(address))).toEqual([]);
  });

  it('refuses a name that leads to loopback, in each way a lookup is asked', async () => {
    for (const all of [true, false]) {
      const error = await new Promise<unknown>((resolve) => {
        guard.lookup('localhost', { all }, (failure) => resolve(failure));
      });
      expect(String(error)).toMatch(
        /(127\.0\.0\.1|::1) is not a public address, and --allow-private is not set/,
      );
    }
  });

  it('gives those who connect on their own an address that may be connected to', async () => {
    await expect(guard.target('localhost')).rejects.toThrow('is not a public address');
    await expect(guard.target('[::1]')).rejects.toThrow('::1 is not a public address');
    await expect(guard.target('1.1.1.1')).resolves.toBe('1.1.1.1');
    await expect(guard.target('[2606:4700::1111]')).resolves.toBe('2606:4700::1111');
    await expect(new AddressGuard(true).target('localhost')).resolves.toBe('localhost');
  });
});
