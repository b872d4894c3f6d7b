import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { raceAbort } from '@camplane/runtime/abort';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { socketHost } from '../lax-tls.ts';
import { connectionFailureOf } from '../rtsp/rtsp-failure.ts';
import { addressRefusal, anyNetwork, plainAddress } from './camera-networks.ts';
import type { CameraNetworks } from './camera-networks.ts';

/** Where cameras may be, and what finds them; shared by all attempts. */
export type CameraNetworkPolicy = {
  networks: CameraNetworks;
  /** Ports that Camplane listens on. */
  ownPorts: ReadonlySet<number>;
  /** Default: the system's resolver. */
  lookup?(host: string): Promise<readonly string[]>;
};

/** Permits every address that is not reserved. */
export const anyNetworkPolicy: CameraNetworkPolicy = { networks: anyNetwork, ownPorts: new Set() };

/** Permitted addresses of a host, at least one, in the order of the resolver. */
export type PinnedHost = {
  readonly addresses: readonly [string, ...string[]];
  /** For sockets: returns the pinned addresses for any name. */
  readonly lookup: LookupFunction;
};

/** Resolves each host once, so that a name cannot lead elsewhere during an attempt (DNS rebinding). */
export type CameraResolver = {
  /** Whether addresses other than reserved ones are refused too. */
  readonly isRestricted: boolean;
  /** Throws RunFailure if the name is unknown or no address is permitted, or the reason of the signal. */
  resolve(host: string, port: number, signal: AbortSignal): Promise<PinnedHost>;
};

/** Hosts of one attempt: a playlist may name some. */
const hostsMax = 16;

/** For one attempt at a source. */
export function createCameraResolver(policy: CameraNetworkPolicy): CameraResolver {
  const lookup = policy.lookup ?? lookupBySystem;
  const resolved = new Map<string, Promise<readonly string[]>>();

  function addressesOf(host: string): Promise<readonly string[]> {
    const known = resolved.get(host);
    if (known) return known;
    if (resolved.size >= hostsMax) {
      return Promise.reject(
        new RunFailure('AddressRefused', `The source refers to more than ${hostsMax} hosts.`),
      );
    }
    const found = isIP(host) === 0 ? lookup(host) : Promise.resolve([host]);
    resolved.set(host, found);
    return found;
  }

  return {
    isRestricted: !policy.networks.permitsAny,
    async resolve(host, port, signal) {
      signal.throwIfAborted();
      let found: readonly string[];
      try {
        found = await raceAbort(addressesOf(socketHost(host)), signal);
      } catch (error) {
        signal.throwIfAborted();
        throw connectionFailureOf(error);
      }
      const own = { ports: policy.ownPorts, isOwnAddress };
      const checked = found.map((address) => ({
        address,
        refusal: addressRefusal(policy.networks, own, { address, port }),
      }));
      const [first, ...others] = checked
        .filter(({ refusal }) => refusal === null)
        .map(({ address }) => address);
      if (first === undefined) {
        throw new RunFailure(
          'AddressRefused',
          checked[0]?.refusal ?? "The camera's host name has no address.",
        );
      }
      const addresses: [string, ...string[]] = [first, ...others];
      return { addresses, lookup: pinnedLookup(addresses) };
    },
  };
}

function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((each) =>
    each?.some((own) => plainAddress(own.address) === address),
  );
}

async function lookupBySystem(host: string): Promise<string[]> {
  const found = await lookupName(host, { all: true });
  return found.map(({ address }) => address);
}

function pinnedLookup(addresses: PinnedHost['addresses']): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all === true) return callback(null, all);
    callback(null, addresses[0], isIP(addresses[0]));
  };
}
