import type { StreamFailureKind, VideoStatus } from '@camplane/contracts/camera-status';
import type { VideoMode } from '@camplane/contracts/camera';

/** What is known of one stream at one moment: the input of its conditions and status. All observation. */
export type StreamFacts = {
  enabled: boolean;
  onDemand: boolean;
  wanted: boolean;
  mediaServerUp: boolean;
  /** MediaMTX has the stream's path: a viewer who comes now is let in. */
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
  /** What the source was found to be; null until it was looked at. */
  source: { codec: string; hasBFrames: boolean | null } | null;
  /** What is published now. */
  video: VideoStatus | null;
};
