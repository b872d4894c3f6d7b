import { BlockList, isIP } from 'node:net';

/** An address and the bits of its prefix. */
export type AddressRange = readonly [address: string, bits: number];

/** RFC 1918, and unique local addresses (RFC 4193). */
export const privateRanges: readonly AddressRange[] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['fc00::', 7],
];

export const loopbackRanges: readonly AddressRange[] = [
  ['127.0.0.0', 8],
  ['::1', 128],
];

export type ReservedRange = { what: string; list: BlockList };

/** Where no camera is, and what a forged address would lead to. Permitted only if exactly that address is named. */
export const reservedRanges: readonly ReservedRange[] = [
  reserve('an address of a cloud metadata service', [
    // Amazon, Google, Microsoft, OpenStack and others; then container credentials and pod identity of Amazon.
    ['169.254.169.254', 32],
    ['169.254.170.2', 32],
    ['169.254.170.23', 32],
    ['fd00:ec2::254', 128],
    ['fd00:ec2::23', 128],
    ['fd20:ce::254', 128],
    // Alibaba, Oracle, and Microsoft's host agent.
    ['100.100.100.200', 32],
    ['192.0.0.192', 32],
    ['168.63.129.16', 32],
  ]),
  reserve('an unspecified address, which reaches this machine', [
    ['0.0.0.0', 8],
    ['::', 128],
  ]),
  reserve('a multicast address', [
    ['224.0.0.0', 4],
    ['ff00::', 8],
  ]),
  reserve('a reserved or broadcast address', [['240.0.0.0', 4]]),
];

export function isReserved({ list }: ReservedRange, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The IPv4 address inside an address of IPv6 that gateways translate: NAT64 (RFC 6052; the well-known prefix), 6to4
 * (RFC 3056), and IPv4-compatible addresses (RFC 4291, 2.5.5.1). None for others.
 */
export function embeddedIpv4(address: string): string[] {
  if (isIP(address) !== 6) return [];
  const words = wordsOf(address);
  const isNat64 = words[0] === 0x64 && words[1] === 0xff9b && words.slice(2, 6).every((word) => word === 0);
  const isCompatible = words.slice(0, 6).every((word) => word === 0) && (words[6] ?? 0) !== 0;
  const at = isNat64 || isCompatible ? 6 : words[0] === 0x2002 ? 1 : null;
  if (at === null) return [];
  const pair = words.slice(at, at + 2);
  return [pair.flatMap((word) => [word >> 8, word & 0xff]).join('.')];
}

/** The eight words of an address of IPv6 in its shortest form. */
function wordsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const read = (text = '') => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  const before = read(head);
  const after = read(tail);
  return [...before, ...Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

function reserve(what: string, ranges: readonly AddressRange[]): ReservedRange {
  const list = new BlockList();
  for (const [address, bits] of ranges) list.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return { what, list };
}
