/** What runs in a slot. */
export type SlotRunner<Config> = { apply(config: Config): void; stop(): Promise<void> };

/**
 * Runs at most one runner, as configured. A successor starts only after its predecessor has ended: both would open the
 * same source and publish to the same path.
 */
export type RunnerSlot<Config, Runner> = {
  /** The desired configuration; null: nothing should run. */
  readonly config: Config | null;
  readonly runner: Runner | null;
  /** Whether a runner has still to end. */
  readonly isEnding: boolean;
  /** Starts, updates or (null) stops the runner. */
  set(config: Config | null): void;
  /** Stops the runner permanently; resolves when it has ended. */
  close(): Promise<void>;
};

/** @param options.onEnded called when a runner has ended, and after its successor was started */
export function createRunnerSlot<Config, Runner extends SlotRunner<Config>>(options: {
  create(config: Config): Runner;
  onEnded(): void;
  onError(error: unknown, action: 'starting' | 'stopping'): void;
}): RunnerSlot<Config, Runner> {
  let config: Config | null = null;
  let runner: Runner | null = null;
  let ending: Promise<void> | null = null;
  let closed = false;

  function start(): void {
    if (config === null || ending || closed) return;
    try {
      runner = options.create(config);
    } catch (error) {
      // Without a configuration, so that setting the same again retries.
      config = null;
      options.onError(error, 'starting');
    }
  }

  function end(): void {
    if (!runner) return;
    const stopped = runner.stop();
    runner = null;
    ending = stopped
      .catch((error: unknown) => options.onError(error, 'stopping'))
      .then(() => {
        ending = null;
        start();
        options.onEnded();
      });
  }

  return {
    get config() {
      return config;
    },
    get runner() {
      return runner;
    },
    get isEnding() {
      return ending !== null;
    },
    set(next) {
      if (closed) return;
      config = next;
      if (next === null) end();
      else if (runner) runner.apply(next);
      else start();
    },
    async close() {
      closed = true;
      config = null;
      end();
      await ending;
    },
  };
}
