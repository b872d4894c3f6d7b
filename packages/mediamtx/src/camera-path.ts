/** A track for which MediaMTX generates its own slate while there is no publisher. */
export type SlateTrack = { codec: string };

/** What readers of a path see without a publisher. */
export type Slate =
  | { kind: 'file'; file: string }
  | { kind: 'tracks'; tracks: SlateTrack[] }
  /** Without a publisher, readers are refused and disconnected. */
  | { kind: 'none' };

/** The configuration of a path in MediaMTX's API. */
export type CameraPathConfig = {
  source: 'publisher';
  overridePublisher: true;
  alwaysAvailable: boolean;
  alwaysAvailableFile?: string;
  alwaysAvailableTracks?: SlateTrack[];
};

/**
 * The path of one stream of a camera. FFmpeg publishes to it, a restarted FFmpeg replaces its stale session, and readers
 * stay connected in between.
 *
 * The slate file must remain valid as long as the path exists: MediaMTX 1.20 reopens it whenever the publisher
 * disconnects, and panics if that fails. Replace the file by renaming another over it. A file and tracks are mutually
 * exclusive. The publisher must have the slate's codecs, in the same order.
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

/** A path that MediaMTX pulls from another RTSP server. */
export type PulledPathConfig = { source: string; sourceOnDemand: boolean; rtspTransport: 'tcp' };

export function pulledPath(url: string, options: { onDemand: boolean }): PulledPathConfig {
  return { source: url, sourceOnDemand: options.onDemand, rtspTransport: 'tcp' };
}

export type PathConfig = CameraPathConfig | PulledPathConfig;
