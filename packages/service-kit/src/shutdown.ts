import type { Logger } from './logging.ts';

export type Shutdown = {
  /** Registers a step of the stop. Steps run one after another, in reverse order of registration. */
  onStop(name: string, fn: () => Promise<void> | void): void;
  /**
   * Waits for `work` (a start-up in progress) before the first step, for at most half the deadline, so that nothing is
   * closed while it is in use. A failure of `work` is ignored here.
   */
  settleFirst(name: string, work: Promise<unknown>): void;
  /** Starts the stop. Every call returns the same promise; the first reason wins. Never rejects. */
  run(reason: string): Promise<void>;
  /** Aborted with the reason when the stop begins. */
  readonly signal: AbortSignal;
  /** True once all steps ended within the deadline and without an error. */
  readonly clean: boolean;
};

/**
 * An ordered stop with a deadline. A step that fails is logged and the others still run. At the deadline the step that
 * hangs is logged, and the remaining steps are started but not awaited.
 */
export function createShutdown(options: {
  deadlineMs: number;
  log: Pick<Logger, 'info' | 'error'>;
  now?: () => number;
}): Shutdown {
  const { deadlineMs, log, now = () => performance.now() } = options;
  const controller = new AbortController();
  const steps: { name: string; fn: () => Promise<void> | void }[] = [];
  const first: { name: string; work: Promise<unknown> }[] = [];
  let running: Promise<void> | undefined;
  let finished = false;
  let failures = 0;

  async function runAll(reason: string): Promise<void> {
    const startedAt = now();
    const remainingMs = () => Math.max(0, deadlineMs - (now() - startedAt));
    log.info({ reason }, 'stopping');
    controller.abort(new DOMException(`stopping: ${reason}`, 'AbortError'));
    for (const { name, work } of first) {
      const budgetMs = Math.max(0, remainingMs() - deadlineMs / 2);
      const ended = await within(
        work.catch(() => undefined),
        budgetMs,
      );
      if (!ended) fail({ step: name }, 'step ignored the abort signal');
    }
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const ended = await within(runStep(step), remainingMs());
      if (!ended) fail({ step: step.name, deadlineMs }, 'step did not stop within the deadline');
    }
    finished = true;
  }

  async function runStep(step: { name: string; fn: () => Promise<void> | void }): Promise<void> {
    try {
      await step.fn();
    } catch (error) {
      fail({ step: step.name, err: error }, 'step failed to stop');
    }
  }

  function fail(fields: object, message: string): void {
    failures += 1;
    log.error(fields, message);
  }

  return {
    signal: controller.signal,
    get clean() {
      return finished && failures === 0;
    },
    onStop(name, fn) {
      // Registered too late, by a start-up that ignored the abort signal: it must still be stopped.
      if (finished) void runStep({ name, fn });
      else steps.push({ name, fn });
    },
    settleFirst(name, work) {
      first.push({ name, work });
    },
    run: (reason) => (running ??= runAll(reason)),
  };
}

/** Whether `work` ended within `ms`. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true as const), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
