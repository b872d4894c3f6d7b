import { describe, expect, it } from '@jest/globals';
import { parseCameraResource } from './resource-record.ts';

const object = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'camplane.dev/v1alpha1',
  kind: 'Camera',
  metadata: { name: 'door', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec: { source: { url: 'test:testsrc2' }, ...spec },
});

describe('a Camera of the cluster', () => {
  it('is read with its defaults, and the Secret that it names', () => {
    const source = { url: 'rtsp://192.0.2.10/a', credentialsSecretRef: { name: 'login' } };
    expect(parseCameraResource(object({ source }))).toMatchObject({
      ok: true,
      secretName: 'login',
      record: {
        id: 'door',
        generation: 3,
        startRequestedAt: null,
        spec: { enabled: true, source: { subUrl: null } },
      },
    });
  });

  it('is read although homekit.enabled is true, which an older definition accepted', () => {
    const parsed = parseCameraResource(object({ homekit: { enabled: true } }));
    expect(parsed).toMatchObject({ ok: true, record: { spec: { homekit: { enabled: true } } } });
  });

  it('is read past what a newer definition filled in', () => {
    const parsed = parseCameraResource(
      object({
        placement: { nodeSelector: {} },
        frames: { fps: 5, colour: 'grey' },
        detection: {
          zones: [
            {
              name: 'a',
              points: [
                { x: 0, y: 0, z: 1 },
                { x: 1, y: 0 },
                { x: 1, y: 1 },
              ],
              shape: 1,
            },
          ],
        },
      }),
    );
    expect(parsed).toMatchObject({ ok: true, record: { spec: { frames: { fps: 5 } } } });
    expect(JSON.stringify(parsed)).not.toMatch(/colour|shape|placement|"z"/);
  });

  it('counts changes of credentials, and takes no time that is none', () => {
    const annotations = {
      'camplane.dev/credentials-version': '4',
      'camplane.dev/start-requested-at': 'soon',
    };
    const parsed = parseCameraResource(object({}, { annotations }));
    expect(parsed).toMatchObject({ ok: true, record: { generation: 7, startRequestedAt: null } });
  });

  it('was last written when somebody wrote it, the operator aside', () => {
    const managedFields = [
      { time: '2026-01-02T00:00:00Z' },
      { time: '2026-01-03T00:00:00Z', subresource: 'status' },
      { time: '2026-01-01T12:00:00Z' },
    ];
    const parsed = parseCameraResource(object({}, { managedFields }));
    expect(parsed).toMatchObject({ record: { updatedAt: '2026-01-02T00:00:00.000Z' } });
  });

  it('that is not valid is told by its fields alone', () => {
    const parsed = parseCameraResource(object({ source: { url: 'gopher://secret' }, frames: { fps: 99 } }));
    expect(parsed).toEqual({ ok: false, id: 'door', fields: ['spec.frames.fps', 'spec.source.url'] });
  });
});
