import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantsOf } from '@camplane/testkit/processes';

const intervalMs = 25;

/** What all processes below one were started with: argument lists and environments, each once. */
export type ProcessWatch = {
  /** NUL-separated, as in /proc. */
  seen(): readonly string[];
  stop(): Promise<void>;
};

/** Samples /proc until it is stopped, so that short probes are seen too. */
export function watchProcesses(pid: number): ProcessWatch {
  const seen = new Set<string>();
  const stopping = new AbortController();
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const process of [{ pid }, ...(await descendantsOf(pid))]) {
        for (const file of ['cmdline', 'environ']) seen.add(await read(`/proc/${process.pid}/${file}`));
      }
      await delay(intervalMs);
    }
  };
  const running = run();
  return {
    seen: () => [...seen],
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
