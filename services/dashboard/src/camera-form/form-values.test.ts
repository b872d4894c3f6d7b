import { describe, expect, it } from '@jest/globals';
import { createCameraSchema, probeRequestSchema, replaceCameraSchema } from '@camplane/contracts/camera-http';
import { sampleCamera } from '../live/sample-camera.ts';
import {
  bodyOf,
  checkValues,
  createBodyOf,
  formErrorsOf,
  newCameraValues,
  probeBodyOf,
  valuesOf,
} from './form-values.ts';

const filled = { ...newCameraValues, id: 'door', url: ' rtsp://192.0.2.10/stream1 ' };
const stored = sampleCamera('door', {
  source: { url: 'rtsp://192.0.2.10/1', subUrl: null, transport: 'udp', hasCredentials: true },
  frames: { fps: 5, width: 320, quality: 50 },
  homekit: { enabled: true },
});

describe('the camera form', () => {
  it('creates a body that the server accepts', () => {
    expect(createCameraSchema.parse(createBodyOf(filled))).toMatchObject({
      id: 'door',
      source: { url: 'rtsp://192.0.2.10/stream1', subUrl: null, transport: 'tcp', credentials: null },
      lifecycle: { start: 'Always', idleSeconds: 30 },
    });
  });

  it('sends an unchanged camera back as it was stored', () => {
    const body = replaceCameraSchema.parse(bodyOf(valuesOf(stored), stored));
    expect(body.source).toEqual({ url: 'rtsp://192.0.2.10/1', subUrl: null, transport: 'udp' });
    expect(body).toMatchObject({
      frames: stored.frames,
      // An older version stored true, which the server now refuses.
      homekit: { enabled: false },
      detection: stored.detection,
    });
    expect(body.video).toEqual(stored.video);
  });

  it('sends labels only if they changed', () => {
    const labelled = sampleCamera('door', { labels: { site: 'north' } });
    const values = valuesOf(labelled);
    expect(bodyOf(values, labelled)).not.toHaveProperty('labels');
    expect(bodyOf({ ...values, labels: [] }, labelled).labels).toEqual({});
    const renamed = { ...values, labels: [{ key: 'site', value: 'south' }] };
    expect(bodyOf(renamed, labelled).labels).toEqual({ site: 'south' });
    expect(createBodyOf({ ...filled, labels: renamed.labels }).labels).toEqual({ site: 'south' });
  });

  it('reports invalid labels once', () => {
    const labels = [{ key: 'my site', value: 'north' }];
    const errors = formErrorsOf(checkValues({ ...filled, labels }, null));
    expect(errors.fields.labels).toMatch(/^my site: must/);
    expect(errors.other).toEqual([]);
  });

  it('keeps, replaces or removes the stored login', () => {
    const values = valuesOf(stored);
    expect(bodyOf(values, stored).source).not.toHaveProperty('credentials');
    expect(bodyOf({ ...values, login: 'remove' }, stored).source.credentials).toBeNull();
    expect(
      bodyOf({ ...values, login: 'set', username: 'u', password: 'p' }, stored).source.credentials,
    ).toEqual({
      username: 'u',
      password: 'p',
    });
  });

  it('sends masks without extra properties', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ];
    const body = createCameraSchema.parse(
      createBodyOf({ ...filled, mode: 'overlay', masks: [{ name: '', points }] }),
    );
    expect(body.video).toEqual({
      mode: 'overlay',
      overlay: { timestamp: true, boxes: true, privacyMasks: [{ name: '', points }] },
    });
  });
});

describe('the detection settings', () => {
  const zones = [
    {
      name: 'path',
      points: [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
    },
  ];
  const camera = sampleCamera('door', {
    frames: { fps: 2, width: 500, quality: 80 },
    detection: { enabled: true, detectors: ['onnx'], minConfidence: 0.35, zones },
  });

  it('are read, changed and saved with the zones kept', () => {
    const values = valuesOf(camera);
    expect(values).toMatchObject({ detectors: ['onnx'], minConfidence: '0.35', frameWidth: '500' });
    const body = bodyOf(
      { ...values, detectors: ['motion', 'http'], minConfidence: '0.6', frameWidth: '320' },
      camera,
    );
    expect(replaceCameraSchema.parse(body)).toMatchObject({
      detection: { enabled: true, detectors: ['motion', 'http'], minConfidence: 0.6, zones },
      frames: { fps: 2, width: 320, quality: 80 },
    });
  });

  it('report errors at their fields', () => {
    const errorOf = (minConfidence: string) =>
      formErrorsOf(checkValues({ ...valuesOf(camera), minConfidence }, camera)).fields.minConfidence;
    expect(errorOf('sure')).toBe('must be a number');
    expect(errorOf('')).toBe('must be a number');
    expect(errorOf('1.5')).toMatch(/1/);
    expect(errorOf('0')).toBeUndefined();
  });
});

describe('a probe', () => {
  it('sends the typed login, or the camera id for a stored one', () => {
    expect(probeRequestSchema.parse(probeBodyOf(filled, null))).toMatchObject({ credentials: null });
    expect(probeBodyOf({ ...filled, username: 'u' }, null).credentials).toEqual({
      username: 'u',
      password: '',
    });
    expect(probeBodyOf(valuesOf(stored), stored)).toEqual({
      url: 'rtsp://192.0.2.10/1',
      transport: 'udp',
      mode: stored.video.mode,
      audio: stored.audio.enabled,
      cameraId: 'door',
    });
    expect(probeBodyOf({ ...valuesOf(stored), login: 'remove' }, stored)).toMatchObject({
      credentials: null,
    });
  });

  it('tests the sub stream on request', () => {
    expect(probeBodyOf({ ...filled, subUrl: 'rtsp://a/2' }, null, 'sub').url).toBe('rtsp://a/2');
  });
});

describe('form validation', () => {
  it('accepts a valid form', () => {
    expect(checkValues(filled, null)).toEqual([]);
    expect(checkValues(valuesOf(stored), stored)).toEqual([]);
  });

  it('assigns the first error to each field', () => {
    const bad = { ...filled, id: 'Front Door', url: 'ftp://a', framesFps: '99', idleSeconds: 'soon' };
    const { fields, other } = formErrorsOf(checkValues(bad, null));
    expect(fields.id).toMatch(/DNS label/);
    expect(fields.url).toMatch(/scheme 'ftp' is not allowed/);
    expect(fields.framesFps).toMatch(/between 0.1 and 30/);
    expect(fields.idleSeconds).toBe('must be a number');
    expect(other).toEqual([]);
  });

  it('distinguishes errors of the stored login from those of the typed one', () => {
    const errors = [
      { path: 'source.credentials', message: 'must be entered again' },
      { path: 'source.credentials.password', message: 'is too long' },
    ];
    expect(formErrorsOf(errors).fields).toEqual({
      login: expect.stringMatching(/replace or remove it/),
      password: 'is too long',
    });
  });

  it('names the invalid mask', () => {
    const errors = [{ path: 'video.overlay.privacyMasks.1.points', message: 'must have at least 3 points' }];
    expect(formErrorsOf(errors).fields.masks).toBe('mask 2 must have at least 3 points');
  });

  it('keeps an error without a form field', () => {
    expect(formErrorsOf([{ path: 'frames.quality', message: 'is too large' }])).toEqual({
      fields: {},
      other: ['frames.quality: is too large'],
    });
  });
});
