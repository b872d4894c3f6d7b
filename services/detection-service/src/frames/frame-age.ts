/** A late detection is worth less than a current one. */
export const frameAgeMaxMs = 2_000;

/**
 * Whether a frame is worth looking at. One that lies in the future comes from a machine whose clock is wrong: nobody
 * can tell its age, and what is found in it would stand above everything else for as long as it is ahead.
 */
export function judgeAge(
  capturedAt: number,
  now: number,
  ageMaxMs = frameAgeMaxMs,
): 'current' | 'stale' | 'future' {
  if (now - capturedAt > ageMaxMs) return 'stale';
  return capturedAt - now > ageMaxMs ? 'future' : 'current';
}
