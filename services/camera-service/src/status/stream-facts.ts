import type { StreamFailureKind, VideoStatus } from '@camplane/contracts/camera-status';
import type { PathReading } from '../sample/path-reading.ts';
import type { VideoMode } from '@camplane/contracts/camera';

/** Snapshot of one stream's state: the input of its conditions and status. Observation only. */
export type StreamFacts = {
  enabled: boolean;
  onDemand: boolean;
  hasDemand: boolean;
  mediaServerUp: boolean;
  /** MediaMTX has the path: a viewer is accepted. */
  announced: boolean;
  generation: number;
  mode: VideoMode;
  run: {
    phase: 'stopped' | 'starting' | 'running' | 'stopping' | 'waiting';
    inError: boolean;
    failure: { kind: StreamFailureKind; message: string } | null;
    restarts: number;
    runningSinceMs: number | null;
    lastFrameMs: number | null;
    nextAttemptMs: number | null;
  };
  /** What readers of the path get. */
  reading: PathReading;
  /** Why no JPEG frames are taken of the path; null while they are, or are not requested. */
  tapFailure: { kind: StreamFailureKind; message: string } | null;
  /** From the inspection of the source; null before the first one. */
  source: { codec: string; hasBFrames: boolean | null } | null;
  /** Why requested sound is left out, as a sentence. */
  missingSound: string | null;
  /** The published video, or the last one while the slate is shown. */
  video: VideoStatus | null;
};
