/** A track that MediaMTX stands in for by a slate of its own while nobody publishes. */
export type SlateTrack = { codec: string };

/** What a path's readers see while no publisher is there. */
export type Slate =
  | { kind: 'file'; file: string }
  | { kind: 'tracks'; tracks: SlateTrack[] }
  /** Nothing: readers are refused, and dropped when the publisher goes. */
  | { kind: 'none' };

/** A path's configuration as MediaMTX's API takes it. */
export type CameraPathConfig = {
  source: 'publisher';
  overridePublisher: true;
  alwaysAvailable: boolean;
  alwaysAvailableFile?: string;
  alwaysAvailableTracks?: SlateTrack[];
};

/**
 * The path of one stream of a camera: FFmpeg publishes into it, a restarted FFmpeg takes the place of its
 * ghost, and readers stay while it is away.
 *
 * A slate's file must stay valid for as long as the path exists: MediaMTX 1.20 opens it anew each time the
 * publisher goes, and panics when it cannot. Replace it by renaming over it. A file and tracks exclude each
 * other. The publisher's codecs and their order must be the slate's.
 */
export function cameraPath(slate: Slate): CameraPathConfig {
  const base = { source: 'publisher', overridePublisher: true } as const;
  switch (slate.kind) {
    case 'file':
      return { ...base, alwaysAvailable: true, alwaysAvailableFile: slate.file };
    case 'tracks':
      return { ...base, alwaysAvailable: true, alwaysAvailableTracks: slate.tracks };
    case 'none':
      return { ...base, alwaysAvailable: false };
  }
}

/** A path that MediaMTX fills by reading another RTSP server itself. */
export type PulledPathConfig = { source: string; sourceOnDemand: boolean; rtspTransport: 'tcp' };

export function pulledPath(url: string, options: { onDemand: boolean }): PulledPathConfig {
  return { source: url, sourceOnDemand: options.onDemand, rtspTransport: 'tcp' };
}

export type PathConfig = CameraPathConfig | PulledPathConfig;
