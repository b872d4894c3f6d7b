import type { RestartPolicy } from './restart-policy.ts';

/**
 * The delay before attempt `failures + 1`, in milliseconds: short after a run that had frames, otherwise exponential
 * with jitter, up to the policy's maximum.
 *
 * @param failures failed runs in a row, at least 1
 * @param random uniform in [0, 1)
 */
export function backoffDelayMs(
  failures: number,
  hadFrames: boolean,
  policy: RestartPolicy,
  random: () => number,
): number {
  const plain =
    failures <= 1 && hadFrames
      ? policy.firstDelayMs
      : Math.min(policy.maxMs, policy.baseMs * policy.factor ** Math.min(30, Math.max(0, failures - 1)));
  const jitter = 1 + policy.jitterRatio * (2 * random() - 1);
  return Math.min(policy.maxMs, Math.round(plain * jitter));
}
