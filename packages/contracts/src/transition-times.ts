/**
 * Adds the time at which each condition's status last changed (Kubernetes API conventions, "Typical status
 * properties"): a new reason or message alone keeps the time.
 */
export function withTransitionTimes<C extends { type: string; status: string }>(
  observed: readonly C[],
  previous: readonly { type: string; status: string; lastTransitionTime: string }[],
  now: string,
): (C & { lastTransitionTime: string })[] {
  return observed.map((condition) => {
    const before = previous.find(({ type }) => type === condition.type);
    const isUnchanged = before?.status === condition.status;
    return { ...condition, lastTransitionTime: isUnchanged ? before.lastTransitionTime : now };
  });
}
