import { describe, expect, it } from '@jest/globals';
import { cameraInputSchema } from '@camplane/contracts/camera';
import { changesMasks, needsRestart, requireStreamSettings } from './stream-settings.ts';

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

describe('the lifecycle of a stream', () => {
  it('is Never for a camera whose password cannot be read: logins without it would lock the account', () => {
    const { source, ...spec } = cameraInputSchema.parse({ source: { url: 'rtsp://camera/1' } });
    const camera = { id: 'door', spec: { ...spec, source }, credentials: null, generation: 1 };
    const settings = (rest: object) =>
      requireStreamSettings({ ...camera, startRequestedAt: null, ...rest }, 'main');
    expect(settings({}).lifecycle).toBe('Always');
    expect(settings({ credentialsProblem: 'the key is missing' }).lifecycle).toBe('Never');
  });
});

describe('needsRestart', () => {
  it.each<[what: string, before: object, after: object]>([
    ['frames', {}, { frames: { fps: 9, width: 320, quality: 50 } }],
    ['detection', {}, { detection: { enabled: false } }],
    ['the name', drawn({}), { displayName: 'Door', ...drawn({}) }],
    ['drawings', drawn({}), drawn({ timestamp: false, boxes: false, privacyMasks: window })],
    ['the lifecycle', {}, { lifecycle: { start: 'OnDemand', idleSeconds: 5 } }],
    ['enabled', {}, { enabled: false }],
  ])('is false for a change of %s', (_what, before, after) => {
    expect(needsRestart(settingsOf(before), settingsOf(after))).toBe(false);
  });

  it.each<[what: string, after: object]>([
    ['the source URL', { source: { url: 'rtsp://camera/2' } }],
    ['the transport', { source: { url: 'rtsp://camera/1', transport: 'udp' } }],
    ['the mode', drawn({})],
    ['audio', { audio: { enabled: true } }],
  ])('is true for a change of %s', (_what, after) => {
    expect(needsRestart(settingsOf(), settingsOf(after))).toBe(true);
  });

  it('is true for changed credentials', () => {
    expect(needsRestart(settingsOf({}, 'old'), settingsOf({}, 'new'))).toBe(true);
  });
});

describe('changesMasks', () => {
  it('is true if masks change in overlay mode, and only there', () => {
    const masked = { overlay: { privacyMasks: window } };
    expect(changesMasks(settingsOf(drawn({})), settingsOf(drawn({ privacyMasks: window })))).toBe(true);
    expect(changesMasks(settingsOf(drawn({})), settingsOf(drawn({ timestamp: false })))).toBe(false);
    expect(changesMasks(settingsOf(), settingsOf({ video: masked }))).toBe(false);
  });
});
