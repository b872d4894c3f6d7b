import type { CameraConfig, Credentials, Overlay, VideoMode } from '@camplane/contracts/camera';
import { mediaPath } from '@camplane/contracts/camera-id';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import { parseSourceUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';
import type { ViewerDemand } from './viewer-demand.ts';

/** What one stream of a camera (main or sub) needs to run, from the camera's configuration. */
export type StreamSettings = {
  cameraId: string;
  quality: StreamQuality;
  path: string;
  displayName: string;
  source: CameraSource;
  transport: 'tcp' | 'udp';
  credentials: Credentials | null;
  mode: VideoMode;
  overlay: Overlay;
  audio: boolean;
  /** Frames per second of the camera's frames. */
  framesFps: number;
  lifecycle: ViewerDemand['mode'];
  idleMs: number;
  generation: number;
};

/** The settings of a camera's stream; `null` for a sub stream that it does not have. */
export function streamSettings(camera: CameraConfig, quality: StreamQuality): StreamSettings | null {
  const { spec } = camera;
  const url = quality === 'main' ? spec.source.url : spec.source.subUrl;
  if (url === null) return null;
  const parsed = parseSourceUrl(url);
  if (!parsed.ok)
    throw new Error(`camera ${camera.id}: source.${quality === 'main' ? 'url' : 'subUrl'} ${parsed.reason}`);
  return {
    cameraId: camera.id,
    quality,
    path: mediaPath(camera.id, quality),
    displayName: spec.displayName === '' ? camera.id : spec.displayName,
    source: parsed.source,
    transport: spec.source.transport,
    credentials: camera.credentials,
    mode: spec.video.mode,
    overlay: spec.video.overlay,
    audio: spec.audio.enabled,
    framesFps: spec.frames.fps,
    lifecycle: lifecycleOf(camera, quality),
    idleMs: spec.lifecycle.idleSeconds * 1000,
    generation: camera.generation,
  };
}

export function requireStreamSettings(camera: CameraConfig, quality: StreamQuality): StreamSettings {
  const settings = streamSettings(camera, quality);
  if (!settings) throw new Error(`camera ${camera.id} has no ${quality} stream`);
  return settings;
}

/** The sub stream runs only while it has viewers: it is a second connection to the camera. */
function lifecycleOf(camera: CameraConfig, quality: StreamQuality): ViewerDemand['mode'] {
  // Without its password the camera would count failed logins and lock the account.
  if (!camera.spec.enabled || camera.credentialsProblem !== undefined) return 'Never';
  return quality === 'sub' ? 'OnDemand' : camera.spec.lifecycle.start;
}

/** Whether a change of settings requires a restart of the video. Frames, lifecycle and drawings do not. */
export function needsRestart(before: StreamSettings, after: StreamSettings): boolean {
  const relevant = ({ source, transport, credentials, mode, audio }: StreamSettings) => ({
    source,
    transport,
    credentials,
    mode,
    audio,
  });
  return JSON.stringify(relevant(before)) !== JSON.stringify(relevant(after));
}

/** Whether the privacy masks in effect change. Only overlay mode applies them. */
export function changesMasks(before: StreamSettings, after: StreamSettings): boolean {
  const masks = ({ mode, overlay }: StreamSettings) =>
    JSON.stringify(mode === 'overlay' ? overlay.privacyMasks : []);
  return masks(before) !== masks(after);
}
