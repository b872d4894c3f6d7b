import type { Logger } from '@camplane/service-kit/logging';
import type { Away } from './away.ts';

/** How far the replacement of pods has come. */
export type RolloutState = {
  waiting: number;
  /** Cameras that are away for it. */
  away: ReadonlyMap<string, Away>;
  maxAway: number;
  nowMs: number;
};

/** A pod that finds no node at first may find one at once. */
const haltMinMs = 10_000;
const haltEveryMs = 300_000;
const namesShown = 5;

/** Tells the log of a replacement: when it begins, while it is halted, when it is over. */
export function createRolloutNews(log: Pick<Logger, 'info' | 'warn'>): (state: RolloutState) => void {
  let beganMs: number | null = null;
  let haltedMs: number | null = null;
  let toldMs = -Infinity;

  function tellHalt({ waiting, away, nowMs }: RolloutState): void {
    if (nowMs - toldMs < haltEveryMs) return;
    toldMs = nowMs;
    const { reason, message } = [...away.values()].find(({ trouble }) => trouble)?.trouble ?? {};
    log.warn(
      { cameras: [...away.keys()].slice(0, namesShown), reason, message, waiting },
      'the replacement of pods is halted: those that were replaced do not start. Correct the image or the setting, or go back to the one before (helm rollback); it goes on by itself then',
    );
  }

  return (state) => {
    const { waiting, away, maxAway, nowMs } = state;
    if (beganMs === null) {
      if (waiting === 0 && away.size === 0) return;
      beganMs = nowMs;
      log.info({ atOnceMax: maxAway }, 'the replacement of pods begins: the installation has changed');
    }
    if (waiting === 0 && away.size === 0) {
      log.info({ seconds: Math.round((nowMs - beganMs) / 1000) }, 'the replacement of pods is over');
      [beganMs, haltedMs, toldMs] = [null, null, -Infinity];
      return;
    }
    const troubled = [...away.values()].filter(({ trouble }) => trouble !== null).length;
    haltedMs = waiting > 0 && troubled >= maxAway ? (haltedMs ?? nowMs) : null;
    if (haltedMs !== null && nowMs - haltedMs >= haltMinMs) tellHalt(state);
  };
}
