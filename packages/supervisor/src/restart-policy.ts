/** When a run that ended is started again, and when one that runs is taken for frozen. */
export type RestartPolicy = {
  /** Pause before the first restart after frames had flowed: the loss is usually over by then. */
  firstDelayMs: number;
  /** Pause before the second attempt; each further one is `factor` times longer, up to `maxMs`. */
  baseMs: number;
  factor: number;
  maxMs: number;
  /** Share of a pause, 0–1, by which it is lengthened or shortened at random, so that many do not fall into step. */
  jitterRatio: number;
  /** Pause after a refused login: rare, so that the account is not locked. */
  latchedDelayMs: number;
  /** How long frames must flow before earlier failures are forgotten. */
  healthyAfterMs: number;
  /** Failed attempts in a row until the state is called an error (R3.2). */
  attemptsBeforeError: number;
  /** Longest time from the start of a run to its first frame. */
  startDeadlineMs: number;
  /** A run without a frame for this long is frozen; slower cameras have `stallIntervals` of their frame intervals. */
  stallMinMs: number;
  stallIntervals: number;
};

export const defaultRestartPolicy: RestartPolicy = {
  firstDelayMs: 200,
  baseMs: 1000,
  factor: 2,
  maxMs: 10_000,
  jitterRatio: 0.25,
  latchedDelayMs: 300_000,
  healthyAfterMs: 60_000,
  attemptsBeforeError: 3,
  startDeadlineMs: 12_000,
  stallMinMs: 4000,
  stallIntervals: 3,
};
