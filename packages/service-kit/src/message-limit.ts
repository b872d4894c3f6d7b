/** Counts the messages of a client. */
export type MessageLimit = {
  /** False above the limit. */
  count(nowMs: number): boolean;
};

export function createMessageLimit(perSecondMax: number): MessageLimit {
  let windowStartMs = -Infinity;
  let inWindow = 0;
  return {
    count(nowMs) {
      if (nowMs - windowStartMs >= 1000) {
        windowStartMs = nowMs;
        inWindow = 0;
      }
      inWindow++;
      return inWindow <= perSecondMax;
    },
  };
}
