import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Keeps requests away from networks that are not the public Internet: what a page names as a link must not reach
 * this machine, its neighbours or the metadata service of its cloud. Names are checked by the addresses they
 * resolve to, by the very lookup that the connection is made with: no other answer can slip in between.
 */
export class AddressGuard {
  constructor(private readonly allowPrivate: boolean) {}

  /** Whether this is the literal form of an address that must not be connected to. */
  refuses(address: string): boolean {
    if (this.allowPrivate) return false;
    const bare = address.replace(/%.*$/, '');
    if (isIP(bare) === 4) return SPECIAL.check(bare, 'ipv4');
    return isIP(bare) !== 6 || !GLOBAL.check(bare, 'ipv6') || SPECIAL.check(bare, 'ipv6');
  }

  /** As `dns.lookup`, without the addresses that are refused; an AddressRefusedError when none is left. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const [first, ...others] = addresses.filter(({ address }) => !this.refuses(address));
      if (first === undefined) return callback(new AddressRefusedError(addresses[0]?.address ?? ''), '', 0);
      if (options.all === true) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };

  /**
   * The host as somebody else is to connect to it, who cannot be given the lookup: an address that may be
   * connected to, or the name itself where every address may. Throws an AddressRefusedError when there is none.
   */
  async target(hostname: string): Promise<string> {
    if (this.allowPrivate) return hostname;
    const literal = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0) {
      if (this.refuses(literal)) throw new AddressRefusedError(literal);
      return literal;
    }
    return new Promise((resolve, reject) => {
      this.lookup(literal, { all: false }, (error, address) => {
        if (error !== null) reject(error);
        else resolve(address as string);
      });
    });
  }
}

export class AddressRefusedError extends Error {
  constructor(address: string) {
    super(`${address} is not a public address, and --allow-private is not set`);
  }
}

/** What IANA has given out as global unicast: forms that embed an IPv4 address mostly lie outside. */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');

/** The special-purpose registries of IANA, without what is refused by `GLOBAL`. */
const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // With the metadata service of most clouds.
  ['169.254.0.0', 16],
  // Azure's, in the middle of public space.
  ['168.63.129.16', 32],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  SPECIAL.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  // Teredo, ORCHID, benchmarks.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  SPECIAL.addSubnet(network, prefix, 'ipv6');
}
