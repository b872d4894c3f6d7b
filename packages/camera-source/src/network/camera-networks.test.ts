import { describe, expect, it } from '@jest/globals';
import { addressRefusal, parseCameraNetworks, plainAddress } from './camera-networks.ts';
import type { CameraNetworks, OwnListeners } from './camera-networks.ts';

const own: OwnListeners = {
  ports: new Set([9997, 9100]),
  isOwnAddress: (address) => address === '192.168.1.20',
};

function networks(text: string): CameraNetworks {
  const parsed = parseCameraNetworks(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.networks;
}

function refusal(text: string, address: string, port = 554): string | null {
  return addressRefusal(networks(text), own, { address, port });
}

describe('CAMPLANE_CAMERA_NETWORKS', () => {
  it.each([
    ['any', ['192.0.2.1', '10.0.0.1', '127.0.0.1', '::1', '2001:db8::1', '169.254.7.7', 'fe80::1%eth0']],
    ['private', ['10.255.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.9', 'fd12::1', '::ffff:10.0.0.1']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['192.0.2.0/24, 2001:db8::/32', ['192.0.2.255', '2001:db8:ffff::1', '::ffff:192.0.2.7']],
    ['192.0.2.7,2001:DB8:0::1', ['192.0.2.7', '2001:db8::1']],
    ['169.254.169.254', ['169.254.169.254', '::ffff:a9fe:a9fe']],
    ['private,169.254.169.254', ['169.254.169.254']],
  ])('%s permits %j', (text, addresses) => {
    expect(addresses.map((address) => refusal(text, address))).toEqual(addresses.map(() => null));
  });

  it.each([
    ['private', ['192.0.2.1', '127.0.0.1', '::1', '172.32.0.1', '2001:db8::1', '100.64.0.1', '169.254.1.1']],
    ['loopback', ['10.0.0.1', '::2', '128.0.0.1']],
    ['192.0.2.0/24', ['192.0.3.0', '10.0.0.1', '2001:db8::1', '64:ff9b::a00:1']],
    ['127.0.0.1:9000', ['127.0.0.1']],
  ])('%s refuses %j, naming the setting', (text, addresses) => {
    for (const address of addresses) {
      expect(refusal(text, address)).toBe(
        `The address ${address} is not in CAMPLANE_CAMERA_NETWORKS (${text}).`,
      );
    }
  });

  const never = [
    ...['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16'],
    ...['fd00:ec2::254', 'fd00:0ec2:0:0::0254', 'fd00:ec2::23', 'fd20:ce::254', '192.0.0.192'],
    // The same host in other notations, and through translation to IPv4.
    ...[
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      '64:ff9b::a9fe:a9fe',
      '::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
    ],
    ...['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0', '64:ff9b::'],
    ...['224.0.0.1', '239.255.255.250', 'ff02::1', 'ff0e::1', '240.0.0.1', '255.255.255.255'],
  ];

  it.each(never)('refuses %s unless exactly it is named', (address) => {
    for (const text of ['any', '0.0.0.0/0,::/0', 'any,169.254.0.0/16,fd00::/8,private,loopback']) {
      expect(refusal(text, address)).toMatch(
        /^The address .* is an? .*add .* to CAMPLANE_CAMERA_NETWORKS\.$/,
      );
    }
    expect(refusal(address, address)).toBeNull();
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '192.168.1.20'])(
    'refuses ports of Camplane itself at %s unless the endpoint is named',
    (address) => {
      const plain = plainAddress(address);
      const endpoint = plain.includes(':') ? `[${plain}]:9997` : `${plain}:9997`;
      for (const text of ['any', 'loopback,private', address]) {
        expect(refusal(text, address, 9997)).toBe(
          `Camplane itself listens on ${endpoint}. If a camera is meant, add ${endpoint} to CAMPLANE_CAMERA_NETWORKS.`,
        );
      }
      expect(refusal(`private,${endpoint}`, address, 9997)).toBeNull();
      expect(refusal('any', address, 9998)).toBeNull();
      expect(refusal('any', '192.168.1.21', 9997)).toBeNull();
    },
  );

  it.each(['', 'any,', 'all', '10.0.0.0/33', '::/129', '10.0.0/8', '0x7f.1', '010.0.0.1/8', '127.0.0.1:0'])(
    'is refused as %j, with the accepted forms',
    (text) => {
      expect(parseCameraNetworks(text)).toEqual({
        ok: false,
        reason: expect.stringMatching(
          /^has the entry '.*': it must be a comma-separated list of any, private/,
        ),
      });
    },
  );

  it.each(['127.0.0.1:65536', '10.0.0.0/8/8', 'camera.lan', '10.0.0.1/', '-10.0.0.1', '[::1]', '/8'])(
    'is refused as %j',
    (text) => {
      expect(parseCameraNetworks(text).ok).toBe(false);
    },
  );
});
