import type { SlateTrack } from '@camplane/mediamtx/camera-path';
import type { SlateTracks } from './slate-files.ts';

/** The tracks of a slate as MediaMTX names them, for a slate of its own in place of ours. */
export function mediaServerTracks({ codec, audio }: SlateTracks): SlateTrack[] {
  const video = { codec: codec === 'h264' ? 'H264' : 'H265' };
  // Without rate and channels, which MediaMTX 1.20 refuses to be told: two channels, as FFmpeg's Opus here has.
  return audio ? [video, { codec: 'Opus' }] : [video];
}
