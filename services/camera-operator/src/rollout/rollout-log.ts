import type { Logger } from '@camplane/service-kit/logging';
import type { Unavailability } from './unavailability.ts';

export type RolloutState = {
  waiting: number;
  unavailable: ReadonlyMap<string, Unavailability>;
  maxUnavailable: number;
  nowMs: number;
};

/** A pod may be unschedulable only for a moment. */
const haltMinMs = 10_000;
const haltEveryMs = 300_000;
const namesShown = 5;

/** Logs when a rollout starts, is halted and finishes. */
export function createRolloutLog(log: Pick<Logger, 'info' | 'warn'>): (state: RolloutState) => void {
  let startedMs: number | null = null;
  let haltedMs: number | null = null;
  let warnedMs = -Infinity;

  function warnHalted({ waiting, unavailable, nowMs }: RolloutState): void {
    if (nowMs - warnedMs < haltEveryMs) return;
    warnedMs = nowMs;
    const { reason, message } = [...unavailable.values()].find(({ trouble }) => trouble)?.trouble ?? {};
    log.warn(
      { cameras: [...unavailable.keys()].slice(0, namesShown), reason, message, waiting },
      'rollout halted: replaced pods do not start; fix the image or setting, or roll back (helm rollback), and it continues',
    );
  }

  return (state) => {
    const { waiting, unavailable, maxUnavailable, nowMs } = state;
    if (startedMs === null) {
      if (waiting === 0 && unavailable.size === 0) return;
      startedMs = nowMs;
      log.info({ maxUnavailable }, 'rollout started: the installation has changed');
    }
    if (waiting === 0 && unavailable.size === 0) {
      log.info({ seconds: Math.round((nowMs - startedMs) / 1000) }, 'rollout finished');
      [startedMs, haltedMs, warnedMs] = [null, null, -Infinity];
      return;
    }
    const troubled = [...unavailable.values()].filter(({ trouble }) => trouble !== null).length;
    haltedMs = waiting > 0 && troubled >= maxUnavailable ? (haltedMs ?? nowMs) : null;
    if (haltedMs !== null && nowMs - haltedMs >= haltMinMs) warnHalted(state);
  };
}
