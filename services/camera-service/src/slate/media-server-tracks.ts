import type { SlateTrack } from '@camplane/mediamtx/camera-path';
import type { SlateTracks } from './slate-files.ts';

/** A slate's tracks under MediaMTX's names, for MediaMTX's own slate. */
export function mediaServerTracks({ codec, audio }: SlateTracks): SlateTrack[] {
  const video = { codec: codec === 'h264' ? 'H264' : 'H265' };
  // MediaMTX 1.20 refuses rate and channels here. It assumes two channels, which our FFmpeg arguments produce.
  return audio ? [video, { codec: 'Opus' }] : [video];
}
