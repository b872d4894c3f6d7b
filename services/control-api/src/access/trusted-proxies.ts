import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { addressOf } from './caller.ts';

export type TrustedProxies = {
  /** Whether the connection comes from a trusted proxy. */
  isFromProxy(request: IncomingMessage): boolean;
  /**
   * The address of the client: that of the connection, and beyond trusted proxies the one that they name, from right to left.
   * What is left of the first untrusted address is ignored, since its owner can write anything there.
   */
  clientOf(request: IncomingMessage): string;
};

/** @param networks addresses and networks such as `10.0.0.0/8`; see `isNetwork` */
export function createTrustedProxies(
  networks: readonly string[],
  header: 'x-forwarded-for' | 'forwarded' = 'x-forwarded-for',
): TrustedProxies {
  const list = blockListOf(networks);
  const isTrusted = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
  return {
    isFromProxy: ({ socket }) => isTrusted(addressOf(socket.remoteAddress)),
    clientOf: ({ socket, headers }) => {
      let client = addressOf(socket.remoteAddress);
      if (networks.length === 0) return client;
      const text = [headers[header] ?? []].flat().join(',');
      const named = header === 'forwarded' ? addressesOfForwarded(text) : text.split(',').map(addressIn);
      for (let next = named.pop(); next !== undefined && isTrusted(client); next = named.pop()) client = next;
      return client;
    },
  };
}

export function isNetwork(text: string): boolean {
  const [address = '', bits, ...others] = text.split('/');
  const family = isIP(address);
  if (family === 0 || others.length > 0) return false;
  // Everybody could forge the headers then.
  return bits === undefined || (/^\d{1,3}$/.test(bits) && +bits >= 1 && +bits <= (family === 6 ? 128 : 32));
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"` (RFC 7239, section 4). */
function addressesOfForwarded(text: string): (string | undefined)[] {
  if (text === '') return [];
  return text.split(',').map((element) => {
    const node = /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(element);
    return addressIn(node?.[1] ?? node?.[2] ?? '');
  });
}

/** An address with or without a port; undefined for `unknown` and anything else. */
function addressIn(text: string): string | undefined {
  const node = text.trim();
  const bare = /^\[([^\]]+)\](:\d+)?$/.exec(node)?.[1] ?? /^([\d.]+):\d+$/.exec(node)?.[1] ?? node;
  return isIP(bare) === 0 ? undefined : addressOf(bare);
}
