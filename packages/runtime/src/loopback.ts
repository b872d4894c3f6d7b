import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether an address, or the name `localhost`, leads to this machine alone: 127.0.0.0/8 and ::1, and IPv4-mapped
 * addresses of IPv6 in any notation (RFC 4291, 2.5.5.2). IPv6 may be in brackets. No name is resolved.
 */
export function isLoopback(host: string): boolean {
  const plain = /^\[(.*:.*)\]$/.exec(host)?.[1] ?? host;
  const family = isIP(plain);
  // The list finds mapped addresses among those of IPv4.
  return family === 0 ? plain === 'localhost' : loopback.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
