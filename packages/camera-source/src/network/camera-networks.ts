import { BlockList, isIP } from 'node:net';
import { isLoopback } from '@camplane/runtime/loopback';
import { embeddedIpv4, isReserved, privateRanges, loopbackRanges, reservedRanges } from './address-ranges.ts';
import type { AddressRange } from './address-ranges.ts';

/** Where cameras may be: the parsed value of `CAMPLANE_CAMERA_NETWORKS`. */
export type CameraNetworks = {
  /** As configured. */
  readonly text: string;
  readonly permitsAny: boolean;
  readonly ranges: BlockList;
  /** Single addresses, which are permitted even if they are reserved. */
  readonly addresses: ReadonlySet<string>;
  /** `ADDRESS:PORT`, permitted even if Camplane itself listens there. */
  readonly endpoints: ReadonlySet<string>;
};

export type ParsedCameraNetworks = { ok: true; networks: CameraNetworks } | { ok: false; reason: string };

export const cameraNetworksForm =
  'a comma-separated list of any, private, loopback, networks such as 192.0.2.0/24, addresses and ADDRESS:PORT';

const entriesMax = 256;

/** Parses a list of networks. A refusal names the entry and the accepted forms. */
export function parseCameraNetworks(text: string): ParsedCameraNetworks {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  if (entries.length > entriesMax) return { ok: false, reason: `must have at most ${entriesMax} entries` };
  const ranges = new BlockList();
  const addresses = new Set<string>();
  const endpoints = new Set<string>();
  let permitsAny = false;
  for (const entry of entries) {
    const endpoint = readEndpoint(entry);
    const range = readRange(entry);
    if (entry === 'any') permitsAny = true;
    else if (entry === 'private') addRanges(ranges, privateRanges);
    else if (entry === 'loopback') addRanges(ranges, loopbackRanges);
    else if (isIP(entry) !== 0) addresses.add(plainAddress(entry));
    else if (range) addRanges(ranges, [range]);
    else if (endpoint) endpoints.add(endpoint);
    else
      return { ok: false, reason: `has the entry '${entry.slice(0, 60)}': it must be ${cameraNetworksForm}` };
  }
  return { ok: true, networks: { text, permitsAny, ranges, addresses, endpoints } };
}

/** Permits every address that is not reserved. */
export const anyNetwork = networksOf('any');

function networksOf(text: string): CameraNetworks {
  const parsed = parseCameraNetworks(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.networks;
}

/** What Camplane itself listens on. */
export type OwnListeners = {
  ports: ReadonlySet<number>;
  /** Addresses of this machine. */
  isOwnAddress(address: string): boolean;
};

/** Why a camera may not be at an address, as a sentence; null if it may. */
export function addressRefusal(
  networks: CameraNetworks,
  own: OwnListeners,
  { address, port }: { address: string; port: number },
): string | null {
  const plain = plainAddress(address);
  const named = isIP(plain) === 6 ? `[${plain}]:${port}` : `${plain}:${port}`;
  if (networks.endpoints.has(named)) return null;
  if (own.ports.has(port) && (isLoopback(plain) || own.isOwnAddress(plain))) {
    return `Camplane itself listens on ${named}. If a camera is meant, add ${named} to CAMPLANE_CAMERA_NETWORKS.`;
  }
  if (networks.addresses.has(plain)) return null;
  // An address of IPv6 that is translated to one of IPv4 leads to the same host.
  for (const target of [plain, ...embeddedIpv4(plain)]) {
    const reserved = reservedRanges.find((range) => isReserved(range, target));
    if (reserved) {
      return `The address ${plain} is ${reserved.what}. If a camera has it, add ${plain} to CAMPLANE_CAMERA_NETWORKS.`;
    }
    if (!networks.permitsAny && !networks.ranges.check(target, familyOf(target))) {
      return `The address ${plain} is not in CAMPLANE_CAMERA_NETWORKS (${networks.text}).`;
    }
  }
  return null;
}

/** IPv6 in its shortest form, and IPv4-mapped addresses (RFC 4291, 2.5.5.2) as IPv4. A zone is dropped. */
export function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  if (isIP(withoutZone) !== 6) return withoutZone;
  const short = new URL(`http://[${withoutZone}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const words = [mapped[1], mapped[2]].map((word) => Number.parseInt(word ?? '', 16));
  return words.flatMap((word) => [word >> 8, word & 0xff]).join('.');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function readRange(entry: string): AddressRange | null {
  const [address = '', prefix = '', ...others] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || others.length > 0 || !/^\d{1,3}$/.test(prefix)) return null;
  const bits = Number(prefix);
  return bits <= (family === 4 ? 32 : 128) ? [address, bits] : null;
}

function readEndpoint(entry: string): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(entry);
  const address = parts?.[1] ?? parts?.[2] ?? '';
  const port = Number(parts?.[3]);
  if (isIP(address) !== (parts?.[1] === undefined ? 4 : 6) || port < 1 || port > 65_535) return null;
  const plain = plainAddress(address);
  return isIP(plain) === 6 ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function addRanges(list: BlockList, ranges: readonly AddressRange[]): void {
  for (const [address, bits] of ranges) list.addSubnet(address, bits, familyOf(address));
}
