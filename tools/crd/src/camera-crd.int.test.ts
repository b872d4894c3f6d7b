import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cameraResourceSchema } from '@camplane/contracts/camera-resource';
import { hostileSourceUrls } from '@camplane/contracts/fixtures/hostile-source-urls';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import type { TestKubernetesApi } from '@camplane/testkit/kubernetes';
import { startKubernetesApi } from '@camplane/testkit/kubernetes';
import { assertNoDescendants } from '@camplane/testkit/processes';
import fc from 'fast-check';
import { badManifests } from './fixtures/bad-manifests.ts';
import { goodManifests } from './fixtures/good-manifests.ts';
import { applyCommittedCrd, cameraManifest, createCamera, reasonOf } from './testing/camera-api.ts';
import type { StoredCrd } from './testing/camera-api.ts';

jest.setTimeout(120_000);

let api: TestKubernetesApi;
let crd: StoredCrd;
beforeAll(async () => {
  api = await startKubernetesApi();
  crd = await applyCommittedCrd(api);
});
afterAll(async () => {
  await api?.stop();
  await assertNoDescendants(process.pid);
});

describe('the CustomResourceDefinition', () => {
  it('is accepted, established and structural', () => {
    const conditions = Object.fromEntries(crd.status.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toEqual({ NamesAccepted: 'True', Established: 'True' });
  });

  it('is unchanged when applied again', async () => {
    expect((await applyCommittedCrd(api)).metadata).toEqual(crd.metadata);
  });
});

describe('a valid manifest is accepted with the defaults of zod:', () => {
  it.each(goodManifests.map((manifest) => [manifest.what, manifest] as const))(
    '%s',
    async (_what, manifest) => {
      const { name = 'front-door', spec } = manifest;
      const result = await createCamera(api, cameraManifest(name, spec), { dryRun: true });
      if (!result.ok) throw new Error(result.refusal.text);
      const ours = cameraResourceSchema.parse(cameraManifest(name, spec));
      // The API server has no null defaults: fields that zod sets to null are absent.
      expect(withoutNulls(result.camera.spec)).toEqual(withoutNulls(ours.spec));
      expect(cameraResourceSchema.parse(result.camera).spec).toEqual(ours.spec);
    },
  );
});

describe('an invalid manifest is rejected with the field and the remedy:', () => {
  it.each(badManifests.map((manifest) => [manifest.what, manifest] as const))(
    '%s',
    async (_what, manifest) => {
      const { name = 'front-door', spec, field, says } = manifest;
      const result = await createCamera(api, cameraManifest(name, spec), { dryRun: true });
      if (result.ok) throw new Error(`accepted: ${JSON.stringify(result.camera)}`);
      const causes = result.refusal.causes.map((cause) => ({ field: cause.field, says: reasonOf(cause) }));
      expect(causes).toContainEqual({ field, says: expect.stringMatching(says) });
      expect(new Set(causes.map((cause) => cause.field))).toEqual(new Set([field]));
      expect(result.refusal.text).not.toContain('canary');
      expect(cameraResourceSchema.safeParse(cameraManifest(name, spec)).success).toBe(false);
    },
  );

  it('in at least sixty cases', () => {
    expect(badManifests.length).toBeGreaterThanOrEqual(60);
  });
});

describe('a hostile source URL is rejected with one sentence:', () => {
  /** URLs that only the operator can reject. Currently none. */
  const leftToTheOperator: string[] = [];
  /** Messages that differ from zod's: credentials are in a Secret, and all IPv6 errors share one message. */
  const inOtherWords: [zod: RegExp, api: RegExp][] = [
    [
      /^must not contain a user or password/,
      /^must not contain a user or password: give them .* in the Secret/,
    ],
    [/^must not contain the character U\+/, /^must not contain a control character or one that is not ASCII/],
    [
      /^(host is not a valid IPv6|IPv6 zone ids|host is an IPv4 address inside)/,
      /^host is not a plain IPv6 address/,
    ],
    [/^must be at most 2048 characters/, /^Too long: may not be more than 2048/],
  ];

  it.each(Object.entries(hostileSourceUrls))('%s', async (_what, [, ...urls]) => {
    const accepted: string[] = [];
    for (const url of urls) {
      const ours = parseSourceUrl(url);
      if (ours.ok) throw new Error(`zod accepts ${url}`);
      for (const source of [{ url }, { url: 'test:testsrc', subUrl: url }]) {
        const result = await createCamera(api, cameraManifest('front-door', { source }), { dryRun: true });
        if (result.ok) {
          accepted.push(url);
          continue;
        }
        const [cause, ...others] = result.refusal.causes;
        const field = 'subUrl' in source ? 'spec.source.subUrl' : 'spec.source.url';
        const words = inOtherWords.find(([zod]) => zod.test(ours.reason))?.[1];
        expect({ url, field: cause?.field, others }).toEqual({ url, field, others: [] });
        const reason = reasonOf(cause ?? { message: '' });
        if (words) expect(reason).toMatch(words);
        else expect(reason.slice(0, ours.reason.length)).toBe(ours.reason);
      }
    }
    expect(accepted).toEqual(leftToTheOperator.filter((url) => urls.includes(url)));
  });

  it('and any other URL is accepted or rejected as by zod', async () => {
    const pieces = [
      ...[
        'rtsp',
        'http',
        'v4l2',
        'file',
        'test',
        's',
        ':',
        '//',
        '/',
        '@',
        '[',
        ']',
        '::1',
        '%',
        '?',
        '#',
        '.',
      ],
      ...[
        '-',
        '_',
        '127',
        '0x7f',
        '\\',
        '0.0.1',
        '::ffff:',
        '2001:db8::',
        'testsrc',
        '/dev/video0',
        '.mp4',
        'A',
      ],
      ...['camera', 'example.org', '554', '65536', ':0', '\r\n', '|', "'", ' ', '..', '%40', '\u0430', ','],
    ];
    const piece = fc.constantFrom(...pieces);
    const text = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.array(piece, { maxLength: 5 }).map((parts) => `rtsp://${parts.join('')}`),
      fc.array(piece, { maxLength: 4 }).map((parts) => `rtsp://[${parts.join('')}]/`),
      fc.ipV6().map((address) => `rtsp://[${address}]/x`),
      fc.ipV4Extended().map((address) => `rtsp://${address}/x`),
      fc.array(piece, { maxLength: 4 }).map((parts) => `file:${parts.join('')}.mp4`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc
        .webAuthority({ withIPv4Extended: true, withIPv6: true, withPort: true })
        .map((host) => `rtsp://${host}/`),
    );
    await fc.assert(
      fc.asyncProperty(text, async (url) => {
        const result = await createCamera(api, cameraManifest('front-door', { source: { url } }), {
          dryRun: true,
        });
        const ours = parseSourceUrl(url);
        const seen = result.ok ? 'accepted' : result.refusal.causes.map(reasonOf).join('; ');
        expect({ url, seen, accepted: result.ok }).toEqual({ url, seen, accepted: ours.ok });
      }),
      { numRuns: 300 },
    );
  });
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}
