import type { SourceFacts } from '@camplane/camera-source/source-facts';
import type { SlateTracks } from '../slate/slate-files.ts';
import type { StreamSettings } from './stream-settings.ts';

/** How to run a stream, decided from its settings and the source before any process starts. */
export type StreamPlan = {
  source: SourceFacts;
  mode: StreamSettings['mode'];
  /** Of the published video. */
  codec: string;
  /** Whether an Opus track is published beside the video. */
  audio: boolean;
  /** The tracks of the path's slate; null where the codec has no slate, and the path comes and goes with the video. */
  slate: SlateTracks | null;
};

export function planStream(settings: StreamSettings, source: SourceFacts): StreamPlan {
  const audio = settings.audio && source.hasAudio;
  const encoded = settings.mode !== 'copy' || settings.source.kind === 'test';
  const codec = encoded ? 'h264' : source.codec;
  return {
    source,
    mode: settings.mode,
    codec,
    audio,
    slate: codec === 'h264' || codec === 'h265' ? { codec, audio } : null,
  };
}
