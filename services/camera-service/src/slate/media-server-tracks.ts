import type { SlateTrack } from '@camplane/mediamtx/camera-path';
import type { SlateTracks } from './slate-files.ts';

/** The tracks of a slate as MediaMTX names them, for a slate of its own in place of ours. */
export function mediaServerTracks({ codec, audio }: SlateTracks): SlateTrack[] {
  const video = { codec: codec === 'h264' ? 'H264' : 'H265' };
  // As our slates and FFmpeg's Opus have it: MediaMTX refuses a publisher whose sound differs.
  return audio ? [video, { codec: 'Opus', sampleRate: 48_000, channelCount: 2 }] : [video];
}
