/** JPEG frames of a camera that one purpose needs: at most `fps`, at least this size and quality. */
export type FrameRequest = TapSettings & {
  /** For metrics and logs: `detection`, `snapshot`. */
  purpose: string;
};

/** How a tap takes frames. */
export type TapSettings = {
  fps: number;
  /** Pixels; frames are never scaled up. */
  width: number;
  /** With it, frames fit into `width` × `height`. Requests that are merged have none. */
  height?: number;
  /** JPEG quality, 1–100. */
  quality: number;
  /**
   * True: key frames alone are decoded, however rare they are. False: all frames are decoded if key frames are rarer
   * than `fps`.
   */
  keyFramesOnly: boolean;
  /** The path carries MJPEG of a size that is allowed: its pictures are taken as they are, without encoding. */
  isCopied?: boolean;
};

/**
 * The tap settings that satisfy every request: the highest rate, the largest size, the best quality, and key frames only
 * if all requests allow it. Null without requests. The rate is capped at `fpsMax`.
 */
export function mergeFrameRequests(requests: readonly FrameRequest[], fpsMax: number): TapSettings | null {
  if (requests.length === 0) return null;
  const max = (values: number[]) => Math.max(...values);
  return {
    fps: Math.min(fpsMax, max(requests.map(({ fps }) => fps))),
    width: max(requests.map(({ width }) => width)),
    quality: max(requests.map(({ quality }) => quality)),
    keyFramesOnly: requests.every(({ keyFramesOnly }) => keyFramesOnly),
  };
}
