import { describeRtsp } from '@camplane/camera-source/rtsp/rtsp-describe';
import type { SourceFacts } from '@camplane/camera-source/source-facts';
import { probeSource } from '@camplane/ffmpeg/probe';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { StreamSettings } from './stream-settings.ts';

/**
 * Inspects a source before it is run: its codecs decide the tracks of the path, and a refusal is reported with the
 * camera's own reason. RTSP sources answer DESCRIBE, which takes about 20 ms and opens no session at the camera. ffprobe
 * is used for all other kinds, and where overlay mode needs a size that DESCRIBE does not provide. Throws RunFailure.
 */
export async function inspectSource(
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
    // Raw frames need an exact size, and not every SDP contains one.
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
