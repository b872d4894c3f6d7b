import { describeRtsp } from '@camplane/ffmpeg/rtsp-describe';
import { probeSource } from '@camplane/ffmpeg/probe';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { SourceFacts } from './stream-plan.ts';
import type { StreamSettings } from './stream-settings.ts';

/**
 * Looks at a source before it is run: its codecs decide the path's tracks, and a refusal has its reason here,
 * in the camera's own words. RTSP is asked by DESCRIBE, some 20 ms and no session at the camera; where that
 * does not tell the size that overlay needs, and for all other kinds, by ffprobe. Throws RunFailure.
 */
export async function lookAtSource(
  settings: StreamSettings,
  options: {
    ffprobePath: string;
    ffmpegPath: string;
    mediaFolder: string;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<SourceFacts> {
  const { source, transport, credentials } = settings;
  if (source.kind === 'rtsp') {
    const described = await describeRtsp({
      source,
      credentials,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
    });
    if (!described.ok) throw new RunFailure(described.kind, described.message);
    const { codec, width = null, height = null } = described.video;
    // Raw pictures need their size known to the byte, and not every camera tells it beforehand.
    if (settings.mode !== 'overlay' || (width !== null && height !== null)) {
      return { codec, width, height, fps: null, hasBFrames: null, hasAudio: described.audio !== null };
    }
  }
  const probed = await probeSource({
    source,
    transport,
    credentials,
    mediaFolder: options.mediaFolder,
    ffprobePath: options.ffprobePath,
    ffmpegPath: options.ffmpegPath,
    timeoutMs: options.timeoutMs,
    picture: false,
    signal: options.signal,
  });
  if (!probed.ok) throw new RunFailure(probed.kind, probed.message);
  return {
    codec: probed.video.codec,
    width: probed.video.width,
    height: probed.video.height,
    fps: probed.video.fps,
    hasBFrames: probed.video.hasBFrames,
    hasAudio: probed.audio !== null,
  };
}
