import { describe, expect, it } from '@jest/globals';
import { parseCameraResource } from './resource-record.ts';

const object = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'camplane.dev/v1alpha1',
  kind: 'Camera',
  metadata: { name: 'door', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec: { source: { url: 'test:testsrc2' }, ...spec },
});

describe('parseCameraResource', () => {
  it('returns defaults and the name of the Secret', () => {
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

  it('accepts homekit.enabled: true, which an older definition allowed', () => {
    const parsed = parseCameraResource(object({ homekit: { enabled: true } }));
    expect(parsed).toMatchObject({ ok: true, record: { spec: { homekit: { enabled: true } } } });
  });

  it('ignores fields of a newer definition', () => {
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

  it('adds the credentials version to the generation and ignores an invalid start time', () => {
    const annotations = {
      'camplane.dev/credentials-version': '4',
      'camplane.dev/start-requested-at': 'soon',
    };
    const parsed = parseCameraResource(object({}, { annotations }));
    expect(parsed).toMatchObject({ ok: true, record: { generation: 7, startRequestedAt: null } });
  });

  it('ignores status writes in the time of the last update', () => {
    const managedFields = [
      { time: '2026-01-02T00:00:00Z' },
      { time: '2026-01-03T00:00:00Z', subresource: 'status' },
      { time: '2026-01-01T12:00:00Z' },
    ];
    const parsed = parseCameraResource(object({}, { managedFields }));
    expect(parsed).toMatchObject({ record: { updatedAt: '2026-01-02T00:00:00.000Z' } });
  });

  it('reports an invalid camera by its fields, without values', () => {
    const parsed = parseCameraResource(object({ source: { url: 'gopher://secret' }, frames: { fps: 99 } }));
    expect(parsed).toEqual({ ok: false, id: 'door', fields: ['spec.frames.fps', 'spec.source.url'] });
  });
});
