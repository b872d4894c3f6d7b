import { describe, expect, it } from '@jest/globals';
import { parseCameraRow } from './camera-row.ts';

const row = (spec: object) => ({
  id: 'door',
  spec,
  credentials: null,
  generation: 1,
  startRequestedAt: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
});

describe('parseCameraRow', () => {
  it('accepts homekit.enabled: true, which an earlier version stored', () => {
    const spec = { source: { url: 'test:testsrc2' }, homekit: { enabled: true } };
    expect(parseCameraRow(row(spec), { kind: 'none' })).toMatchObject({ ok: true, camera: { spec } });
  });

  it('names the invalid fields and none of their values', () => {
    const parsed = parseCameraRow(row({ source: { url: 'canary' } }), { kind: 'none' });
    expect(parsed).toEqual({ ok: false, id: 'door', fields: ['spec.source.url'] });
  });
});
