/** When to restart a run that ended, and when to treat a running one as stalled. */
export type RestartPolicy = {
  /** Delay before the first restart of a run that had frames: most interruptions are over by then. */
  firstDelayMs: number;
  /** Delay before the second attempt. Each further delay is `factor` times longer, up to `maxMs`. */
  baseMs: number;
  factor: number;
  maxMs: number;
  /** Random variation of a delay as a fraction of it, 0–1, so that many cameras do not retry in sync. */
  jitterRatio: number;
  /** Delay after refused credentials: long, so that the account is not locked. */
  latchedDelayMs: number;
  /** Delay after a run that exceeded its share of the processors: without it, such runs would follow each other. */
  excessDelayMs: number;
  /** How long frames must flow before earlier failures are reset. */
  healthyAfterMs: number;
  /** Failed attempts in a row before the camera is in error (R3.2). */
  attemptsBeforeError: number;
  /**
   * Time without a frame or activity after which a start times out. Doubled after each start that was too slow, and
   * at least twice what the latest start took.
   */
  startDeadlineMs: number;
  /** Maximum time from the start of a run to its first frame, regardless of activity. */
  startDeadlineMaxMs: number;
  /** Time without a frame after which a run is stalled; at least `stallIntervals` of the longest recent gap. */
  stallMinMs: number;
  stallMaxMs: number;
  stallIntervals: number;
};

export const defaultRestartPolicy: RestartPolicy = {
  firstDelayMs: 200,
  baseMs: 1000,
  factor: 2,
  maxMs: 10_000,
  jitterRatio: 0.25,
  latchedDelayMs: 300_000,
  excessDelayMs: 60_000,
  healthyAfterMs: 60_000,
  attemptsBeforeError: 3,
  startDeadlineMs: 30_000,
  startDeadlineMaxMs: 120_000,
  stallMinMs: 4000,
  stallMaxMs: 60_000,
  stallIntervals: 3,
};
