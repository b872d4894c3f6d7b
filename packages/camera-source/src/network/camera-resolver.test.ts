import { hostileSourceUrls } from '@camplane/contracts/fixtures/hostile-source-urls';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import { describe, expect, it } from '@jest/globals';
import { hostileHosts } from '../fixtures/hostile-hosts.ts';
import { parseCameraNetworks } from './camera-networks.ts';
import { anyNetworkPolicy, createCameraResolver } from './camera-resolver.ts';
import type { CameraNetworkPolicy, PinnedHost } from './camera-resolver.ts';

const { signal } = new AbortController();

function policy(answers: Readonly<Record<string, readonly string[]>>, text = 'any'): CameraNetworkPolicy {
  const parsed = parseCameraNetworks(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return {
    networks: parsed.networks,
    ownPorts: new Set([9997]),
    lookup: (host) =>
      Promise.resolve(answers[host] ?? []).then((found) => {
        if (found.length > 0) return found;
        throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      }),
  };
}

/** The addresses that a socket connects to. */
function connects({ lookup }: PinnedHost): Promise<unknown> {
  return new Promise((resolve) => {
    lookup('any.example', { all: true }, (_error, addresses) => resolve(addresses));
  });
}

describe('a resolver of cameras', () => {
  it('asks once for each attempt, so that a name that changes leads nowhere else', async () => {
    let asked = 0;
    const rebinding: CameraNetworkPolicy = {
      ...anyNetworkPolicy,
      lookup: () => Promise.resolve(asked++ === 0 ? ['192.0.2.1'] : ['169.254.169.254']),
    };
    const attempt = createCameraResolver(rebinding);
    for (const port of [554, 80]) {
      const pinned = await attempt.resolve('camera.example', port, signal);
      expect(await connects(pinned)).toEqual([{ address: '192.0.2.1', family: 4 }]);
    }
    expect(asked).toBe(1);
    await expect(
      createCameraResolver(rebinding).resolve('camera.example', 554, signal),
    ).rejects.toMatchObject({
      kind: 'AddressRefused',
    });
  });

  it('connects to the permitted addresses of a name only', async () => {
    const answers = { camera: ['169.254.169.254', '10.0.0.5', '2001:db8::1'] };
    const pinned = await createCameraResolver(policy(answers)).resolve('camera', 554, signal);
    expect(pinned.addresses).toEqual(['10.0.0.5', '2001:db8::1']);
    const lan = await createCameraResolver(policy(answers, 'private')).resolve('camera', 554, signal);
    expect(await connects(lan)).toEqual([{ address: '10.0.0.5', family: 4 }]);
  });

  it('reports an unknown name, and a port of Camplane behind a name', async () => {
    const resolver = createCameraResolver(policy({ mine: ['127.0.0.1'] }));
    await expect(resolver.resolve('none', 554, signal)).rejects.toMatchObject({ kind: 'HostNotFound' });
    await expect(resolver.resolve('mine', 9997, signal)).rejects.toMatchObject({
      kind: 'AddressRefused',
      message: expect.stringContaining('Camplane itself listens on 127.0.0.1:9997'),
    });
    await expect(resolver.resolve('mine', 8554, signal)).resolves.toBeDefined();
  });

  it('refuses a source that refers to many hosts', async () => {
    const resolver = createCameraResolver({
      ...anyNetworkPolicy,
      lookup: () => Promise.resolve(['192.0.2.1']),
    });
    const ask = (index: number) => resolver.resolve(`h${index}`, 80, signal);
    for (let index = 0; index < 16; index += 1) await ask(index);
    await expect(ask(16)).rejects.toMatchObject({ kind: 'AddressRefused' });
    await expect(ask(3)).resolves.toBeDefined();
  });

  it('ends when the attempt is aborted, even if the resolver never answers', async () => {
    const silent = { ...anyNetworkPolicy, lookup: () => new Promise<string[]>(() => undefined) };
    const asked = createCameraResolver(silent).resolve(
      'camera',
      554,
      AbortSignal.abort(new Error('stopped')),
    );
    await expect(asked).rejects.toThrow('stopped');
  });
});

describe('a hostile source', () => {
  const written = Object.values(hostileSourceUrls).flatMap(([, ...urls]) => urls);
  const hosts = hostileHosts.flatMap(({ what, names, addresses }) =>
    names.map((name) => ({ what, name, addresses })),
  );
  const schemes = ['rtsp', 'rtsps', 'http', 'https'];

  it.each(hosts)(
    '$name ($what) is refused before anything is connected',
    async ({ name, addresses, what }) => {
      for (const scheme of schemes) {
        const parsed = parseSourceUrl(`${scheme}://${name}/stream`);
        if (!parsed.ok) {
          // Refused as text already.
          expect(parsed.reason.length).toBeGreaterThan(10);
          continue;
        }
        if (parsed.source.kind !== 'rtsp' && parsed.source.kind !== 'http') throw new Error('not a host');
        const { host, port } = parsed.source;
        const resolver = createCameraResolver(policy({ [host]: addresses }));
        await expect(resolver.resolve(host, port, signal)).rejects.toMatchObject({
          kind: 'AddressRefused',
          message: expect.stringMatching(/CAMPLANE_CAMERA_NETWORKS\.$/),
        });
      }
      expect(what).not.toBe('');
    },
  );

  it('is refused in at least 200 spellings, each once', () => {
    const all = [
      ...written,
      ...hosts.flatMap(({ name }) => schemes.map((scheme) => `${scheme}://${name}/stream`)),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(300);
  });
});
