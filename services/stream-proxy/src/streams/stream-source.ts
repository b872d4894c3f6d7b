import type { StreamQuality } from '@camplane/contracts/camera-id';
import { jpegQualities } from '@camplane/contracts/jpeg-stream';
import type { JpegQuality } from '@camplane/contracts/jpeg-stream';
import type { TapSettings } from '@camplane/jpeg-tap/frame-request';
import type { VideoStatus } from './follow-status.ts';

/**
 * Which stream of the camera a quality reads: `low` reads the sub stream where it can be viewed, because decoding it
 * costs a fraction. Until that is known, it reads the main stream.
 */
export function sourceOf(quality: JpegQuality, status: VideoStatus | undefined): StreamQuality {
  return quality === 'low' && status?.sub?.status === 'True' ? 'sub' : 'main';
}

/** How pictures are taken. Pictures of an MJPEG camera are copied if they are within the size of the quality. */
export function tapSettingsOf(
  quality: JpegQuality,
  source: StreamQuality,
  status: VideoStatus | undefined,
): TapSettings {
  const { jpegQuality, ...limits } = jpegQualities[quality];
  const video = source === 'main' ? (status?.video ?? null) : null;
  const isCopied = video?.codec === 'mjpeg' && video.width <= limits.width && video.height <= limits.height;
  const settings = { ...limits, quality: jpegQuality, keyFramesOnly: false };
  return isCopied ? { ...settings, isCopied } : settings;
}
