import type { Credentials } from '@camplane/contracts/camera';
import { buildOverlayDecode } from '@camplane/ffmpeg/arguments/overlay-decode';
import { buildOverlayEncode } from '@camplane/ffmpeg/arguments/overlay-encode';
import type { InputOptions } from '@camplane/ffmpeg/input';
import { runOverlaySession } from './overlay-session.ts';
import type { OverlaySessionOptions } from './overlay-session.ts';
import type { PixelFormat } from './frame-layout.ts';

export type OverlayOptions = Omit<OverlaySessionOptions, 'decode' | 'encode' | 'pixelFormat'> & {
  source: InputOptions['source'];
  gateway?: InputOptions['gateway'];
  transport: 'tcp' | 'udp';
  credentials: Credentials | null;
  mediaFolder: string;
  /** Target of the drawn video: an RTSP URL without secrets. */
  target: string;
  /** Frames per second of the source. */
  fps: number;
  pixelFormat?: PixelFormat;
};

/**
 * Runs one session of a camera's overlay mode (R1.1): FFmpeg decodes, OpenCV draws, FFmpeg encodes and publishes.
 * Throws RunFailure if any of them fails, resolves after an abort, and never retries; once it settles, everything
 * that it started has stopped.
 */
export function runOverlay(options: OverlayOptions): Promise<void> {
  const { source, gateway, transport, credentials, mediaFolder, target, fps } = options;
  const format = options.pixelFormat ?? 'bgr24';
  return runOverlaySession({
    ...options,
    pixelFormat: format,
    decode: (output, size, soundOutput) =>
      buildOverlayDecode({
        source,
        gateway: gateway ?? null,
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
