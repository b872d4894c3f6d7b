export type KeyFrameVerdict = 'undecided' | 'sufficient' | 'too-rare';

const framesNeeded = 4;
/** Cameras with unusual settings send a key frame every 10 s or more: waiting longer changes nothing. */
const observationMinMs = 8000;
/** Time from the start of a tap to its first frame. */
const startMs = 2000;
/** Key frames at 0.8 fps are enough for a request of 1 fps. */
const tolerance = 1.25;

/** The longest observation until the verdict. The tap drops frames above the requested rate: a low rate needs a long one. */
export function keyFrameObservationMs(requestedFps: number): number {
  return Math.max(observationMinMs, startMs + (framesNeeded * 1000 * tolerance) / requestedFps);
}

/**
 * Whether key frames alone give the requested rate. Decoding only them costs a fifth of decoding all frames, but how
 * often a camera sends one is known only from observation: the tap starts with key frames and calls this with the times
 * at which they arrived, and again after {@link keyFrameObservationMs}, because none may arrive at all.
 */
export function evaluateKeyFrames(
  arrivalsMs: readonly number[],
  startedMs: number,
  nowMs: number,
  requestedFps: number,
): KeyFrameVerdict {
  const first = arrivalsMs[0];
  const last = arrivalsMs[arrivalsMs.length - 1];
  const intervalMaxMs = (1000 / requestedFps) * tolerance;
  if (arrivalsMs.length < framesNeeded || first === undefined || last === undefined) {
    return nowMs - startedMs > keyFrameObservationMs(requestedFps) ? 'too-rare' : 'undecided';
  }
  const meanIntervalMs = (last - first) / (arrivalsMs.length - 1);
  return meanIntervalMs <= intervalMaxMs ? 'sufficient' : 'too-rare';
}
