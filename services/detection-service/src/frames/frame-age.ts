/** A late detection is worth less than a current one. */
export const frameAgeMaxMs = 2_000;

/**
 * Whether a frame is worth processing. A frame from the future comes from a machine with a wrong clock: its age is
 * unknown, and its detections would sort above all others until its time comes.
 */
export function classifyAge(
  capturedAt: number,
  now: number,
  ageMaxMs: number,
): 'current' | 'stale' | 'future' {
  if (now - capturedAt > ageMaxMs) return 'stale';
  return capturedAt - now > ageMaxMs ? 'future' : 'current';
}
