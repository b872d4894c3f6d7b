import { describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import { hidesOtherParts, needsRestart, requireStreamSettings } from './stream-settings.ts';

function settingsOf(input: object = {}, password?: string) {
  const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'rtsp://camera/1' }, ...input });
  const credentials = password === undefined ? null : { username: 'viewer', password };
  const camera = {
    id: 'door',
    spec: { ...spec, source },
    credentials,
    generation: 1,
    startRequestedAt: null,
  };
  return requireStreamSettings(camera, 'main');
}
const window = [
  {
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ],
  },
];
const drawn = (overlay: object) => ({ video: { mode: 'overlay', overlay } });

describe('needsRestart', () => {
  it.each<[what: string, before: object, after: object]>([
    ['frames', {}, { frames: { fps: 9, width: 320, quality: 50 } }],
    ['detection', {}, { detection: { enabled: false } }],
    ['its name', drawn({}), { displayName: 'Door', ...drawn({}) }],
    ['what is drawn', drawn({}), drawn({ timestamp: false, boxes: false, privacyMasks: window })],
    ['its lifecycle', {}, { lifecycle: { start: 'OnDemand', idleSeconds: 5 } }],
    ['being stopped, which is another matter', {}, { enabled: false }],
  ])('is not so for a change of %s', (_what, before, after) => {
    expect(needsRestart(settingsOf(before), settingsOf(after))).toBe(false);
  });

  it.each<[what: string, after: object]>([
    ['its address', { source: { url: 'rtsp://camera/2' } }],
    ['its transport', { source: { url: 'rtsp://camera/1', transport: 'udp' } }],
    ['its mode', drawn({})],
    ['its sound', { audio: { enabled: true } }],
  ])('is so for a change of %s', (_what, after) => {
    expect(needsRestart(settingsOf(), settingsOf(after))).toBe(true);
  });

  it('is so for another login', () => {
    expect(needsRestart(settingsOf({}, 'old'), settingsOf({}, 'new'))).toBe(true);
  });
});

describe('hidesOtherParts', () => {
  it('is so where masks change in overlay mode, and only there', () => {
    const masked = { overlay: { privacyMasks: window } };
    expect(hidesOtherParts(settingsOf(drawn({})), settingsOf(drawn({ privacyMasks: window })))).toBe(true);
    expect(hidesOtherParts(settingsOf(drawn({})), settingsOf(drawn({ timestamp: false })))).toBe(false);
    expect(hidesOtherParts(settingsOf(), settingsOf({ video: masked }))).toBe(false);
  });
});
