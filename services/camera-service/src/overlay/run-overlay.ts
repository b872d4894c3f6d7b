import type { Credentials } from '@camplane/contracts/camera';
import type { CameraSource } from '@camplane/contracts/source-url';
import { buildOverlayDecode } from '@camplane/ffmpeg/arguments/overlay-decode';
import { buildOverlayEncode } from '@camplane/ffmpeg/arguments/overlay-encode';
import { runOverlaySession } from './overlay-session.ts';
import type { OverlaySessionOptions } from './overlay-session.ts';
import type { PixelFormat } from './frame-layout.ts';

export type OverlayOptions = Omit<OverlaySessionOptions, 'decode' | 'encode' | 'pixelFormat'> & {
  source: CameraSource;
  transport: 'tcp' | 'udp';
  credentials: Credentials | null;
  mediaFolder: string;
  /** Where the drawn video is published: an RTSP URL without secrets. */
  target: string;
  /** Of the source, a second. */
  fps: number;
  pixelFormat?: PixelFormat;
};

/**
 * A camera's overlay mode, one straight session (R1.1): FFmpeg decodes, OpenCV draws, FFmpeg encodes and
 * publishes. Throws RunFailure when any of them fails, resolves after an abort, retries nothing; when it
 * settles, all it started has ended.
 */
export function runOverlay(options: OverlayOptions): Promise<void> {
  const { source, transport, credentials, mediaFolder, target, fps } = options;
  const format = options.pixelFormat ?? 'bgr24';
  return runOverlaySession({
    ...options,
    pixelFormat: format,
    decode: (output, size, soundOutput) =>
      buildOverlayDecode({
        source,
        transport,
        credentials,
        mediaFolder,
        ...size,
        format,
        output,
        soundOutput,
      }),
    encode: (input, size, sound) => buildOverlayEncode({ input, ...size, fps, format, target, sound }),
  });
}
