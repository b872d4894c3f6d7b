/** What a source has sent so far. Times are in ms of the monotonic clock; null: not known yet. */
export type SourceReport = {
  bytes: number;
  /** When each first arrived. */
  firstPictureMs?: number | null;
  firstKeyFrameMs?: number | null;
  pictures: number;
  keyFrames: number;
  lastActivityMs: number | null;
  fps: number | null;
  keyFrameIntervalMs: number | null;
  hasBFrames: boolean | null;
  audioPackets: number;
  /** Times that timestamps jumped and were bridged. */
  timestampJumps: number;
};
