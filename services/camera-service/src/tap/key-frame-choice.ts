/**
 * Whether key frames alone give the wanted frame rate. Decoding only them costs a fifth of decoding all, but
 * how often a camera sends one is known only by watching: the tap begins with key frames and this says, from
 * the times at which they came, whether all frames must be decoded instead.
 */
export type KeyFrameVerdict = 'undecided' | 'sufficient' | 'insufficient';

const framesToJudge = 4;
/** A camera of unusual settings may send a key frame only every 10 s or more: waiting longer for it tells nothing new. */
const patienceMs = 8000;
/** A tap gives its first frame after its analysis of the stream. */
const startMs = 2000;
/** Key frames at 0.8 fps serve a wish for 1 fps. */
const slack = 1.25;

export function judgeKeyFrames(
  arrivalsMs: readonly number[],
  startedMs: number,
  nowMs: number,
  wantedFps: number,
): KeyFrameVerdict {
  const first = arrivalsMs[0];
  const last = arrivalsMs[arrivalsMs.length - 1];
  if (arrivalsMs.length < framesToJudge || first === undefined || last === undefined) {
    // The tap itself leaves out what comes more often than wanted: a rare wish is seldom served, however it is met.
    const servedMs = startMs + framesToJudge * (1000 / wantedFps) * slack;
    return nowMs - startedMs > Math.max(patienceMs, servedMs) ? 'insufficient' : 'undecided';
  }
  const meanIntervalMs = (last - first) / (arrivalsMs.length - 1);
  return meanIntervalMs <= (1000 / wantedFps) * slack ? 'sufficient' : 'insufficient';
}
