/** A task that runs at once and then in intervals, one run at a time. It must not throw. */
export type PeriodicTask = {
  /** Resolves after the first run. */
  start(): Promise<void>;
  /** Resolves after a last run. */
  stop(): Promise<void>;
};

export function createPeriodicTask(intervalMs: number, task: () => Promise<void>): PeriodicTask {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const run = (): Promise<void> => (running ??= task().finally(() => (running = undefined)));
  return {
    start: async () => {
      await run();
      timer = setInterval(() => void run(), intervalMs);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
      await run();
    },
  };
}
