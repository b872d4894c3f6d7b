/** Result of the inspection of a source; null: not stated by the source. */
export type SourceFacts = {
  codec: string;
  width: number | null;
  height: number | null;
  fps: number | null;
  hasBFrames: boolean | null;
  hasAudio: boolean;
  /** Why the video cannot be published as it is; null or absent: it can. */
  copyRefusal?: string | null;
};
