import { cpus } from 'node:os';

export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

const measureEveryMs = 1000;
/** Processors that must have been idle, on average, before another task starts beyond `least`. */
const idleProcessors = 0.5;

/**
 * Runs tasks in order: `least` at a time, and up to `most` while processors are idle. A task waits for its camera nearly
 * all the time, but its start takes a processor for a second, and too many starts at once end in timeouts.
 */
export function createLimit({ least, most }: { least: number; most: number }): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let before = idleMs();

  const startNext = () => {
    const start = waiting.shift();
    if (start === undefined) return;
    running += 1;
    start();
  };
  const measure = () => {
    const now = idleMs();
    if (running < most && now - before > idleProcessors * measureEveryMs) startNext();
    before = now;
    if (waiting.length === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  return async (task) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (running < least) startNext();
      else timer ??= setInterval(measure, measureEveryMs);
    });
    try {
      return await task();
    } finally {
      running -= 1;
      if (running < least) startNext();
    }
  };
}

/** Idle time of all processors, added up. */
function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}
