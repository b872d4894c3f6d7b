import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@camplane/runtime/message-of';
import type { MediaMtxApi } from './api-client.ts';
import type { ApiPath } from './api-responses.ts';
import type { CameraPathConfig } from './camera-path.ts';
import type { MediaServerLog } from './log.ts';
import { MediaServerError } from './media-server-error.ts';
import { observePaths } from './path-observation.ts';
import type { PathObservation } from './path-observation.ts';
import { planPaths } from './path-plan.ts';
import type { PathPlan } from './path-plan.ts';

export type PathKeeperOptions = {
  api: Pick<MediaMtxApi, 'listPaths' | 'listHlsMuxers' | 'replacePath' | 'deletePath'>;
  pollIntervalMs: number;
  log: MediaServerLog;
  /** Called after each successful poll with every path of MediaMTX, by name. */
  onObserved: (paths: ReadonlyMap<string, PathObservation>) => void;
  /** Called on changes only. When called with true, every path that MediaMTX accepts is in place. */
  onUpChange: (up: boolean) => void;
};

export type PathKeeper = {
  /**
   * Adds or replaces a desired path. Pushes it now if MediaMTX is up (true), otherwise once it is (false). An unchanged
   * configuration is not pushed, because a change disconnects the path's readers.
   * Throws if MediaMTX refuses the configuration; the path stays desired and is retried at each poll.
   */
  set(name: string, config: CameraPathConfig): Promise<boolean>;
  /** Removes a desired path. Returns false if MediaMTX still has it and deletes it once it is up. */
  remove(name: string): Promise<boolean>;
  /** Polls until aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Polls once, now. */
  refresh(): Promise<void>;
  readonly up: boolean;
};

/** One late response of a busy server is not an outage; two consecutive ones are. */
const timeoutsUntilDown = 2;

/**
 * Keeps the desired paths in MediaMTX, which loses paths added by its API when it restarts, and reports its paths. Each
 * poll needs one list call, for any number of cameras.
 */
export function createPathKeeper(options: PathKeeperOptions): PathKeeper {
  const { api, log } = options;
  const desired = new Map<string, CameraPathConfig>();
  const pushed = new Map<string, string>();
  const obsolete = new Set<string>();
  const rejections = createRejectionLog(log, () => stopping?.aborted === true);
  const serially = createSerialQueue();
  let up = false;
  let timeouts = 0;
  let stopping: AbortSignal | undefined;

  function setUp(next: boolean): void {
    if (up === next) return;
    up = next;
    options.onUpChange(next);
  }

  /** Returns false if MediaMTX is unreachable. */
  async function push(name: string, config: CameraPathConfig): Promise<boolean> {
    const text = JSON.stringify(config);
    if (pushed.get(name) === text) return true;
    // Until MediaMTX confirms, it is unknown whether the change took effect. Pushing it again has no effect.
    pushed.delete(name);
    if (!(await isReachable(api.replacePath(name, config, stopping)))) return false;
    pushed.set(name, text);
    rejections.clear(name);
    return true;
  }

  /** Returns false if MediaMTX is unreachable. */
  async function deletePath(name: string): Promise<boolean> {
    if (!(await isReachable(api.deletePath(name, stopping)))) return false;
    obsolete.delete(name);
    rejections.clear(name);
    return true;
  }

  /** Returns false if MediaMTX is unreachable. */
  async function applyPlan(plan: PathPlan): Promise<boolean> {
    if (plan.lost.length > 0) {
      log.warn({ paths: plan.lost.length }, 'MediaMTX was restarted, pushing its paths again');
      // Publishers and readers were disconnected, even if no poll noticed the restart.
      setUp(false);
      for (const name of plan.lost) pushed.delete(name);
    }
    for (const name of plan.deleted) obsolete.delete(name);
    for (const name of plan.toDelete) {
      if (!(await rejections.guard(name, 'keeps', () => deletePath(name)))) return false;
    }
    for (const name of plan.toPush) {
      const config = desired.get(name);
      if (config && !(await rejections.guard(name, 'rejects', () => push(name, config)))) return false;
    }
    return true;
  }

  async function poll(): Promise<void> {
    try {
      let paths = await api.listPaths(stopping);
      timeouts = 0;
      const plan = planPaths({ desired, pushed, obsolete }, configuredNames(paths));
      if (!(await applyPlan(plan))) return setUp(false);
      if (plan.toDelete.length + plan.toPush.length > 0) paths = await api.listPaths(stopping);
      setUp(true);
      options.onObserved(await observePaths(paths, api, stopping));
    } catch (error) {
      if (stopping?.aborted === true) return;
      timeouts += 1;
      const isSlow = error instanceof MediaServerError && error.kind === 'timed-out';
      if (isSlow && timeouts < timeoutsUntilDown) return;
      if (up) log.warn({ reason: messageOf(error) }, 'MediaMTX unreachable, will retry');
      setUp(false);
    }
  }

  return {
    get up() {
      return up;
    },
    set(name, config) {
      desired.set(name, config);
      obsolete.delete(name);
      return serially(async () => {
        // A later call may have replaced or removed it.
        if (desired.get(name) !== config || !up) return false;
        return push(name, config);
      });
    },
    remove(name) {
      desired.delete(name);
      obsolete.add(name);
      rejections.clear(name);
      return serially(async () => {
        if (!obsolete.has(name)) return true;
        pushed.delete(name);
        return up ? deletePath(name) : false;
      });
    },
    async run(signal) {
      stopping = signal;
      while (!signal.aborted) {
        await serially(poll);
        await delay(options.pollIntervalMs, undefined, { signal }).catch(() => undefined);
      }
    },
    refresh: () => serially(poll),
  };
}

/** A path without its own configuration exists while a client uses it: see `all_others` in configuration.ts. */
function configuredNames(paths: readonly ApiPath[]): ReadonlySet<string> {
  return new Set(paths.filter(({ name, confName }) => confName === name).map(({ name }) => name));
}

/** One change or poll at a time: otherwise a poll that started before a push would treat its path as missing. */
function createSerialQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

/** Logs rejected changes, each once and not at every poll, so that one invalid path does not block the others. */
function createRejectionLog(log: MediaServerLog, isStopping: () => boolean) {
  const reasons = new Map<string, string>();
  return {
    /** Returns the result of `change`, or true if MediaMTX rejected it. */
    async guard(name: string, verb: 'rejects' | 'keeps', change: () => Promise<boolean>): Promise<boolean> {
      try {
        return await change();
      } catch (error) {
        if (isStopping()) throw error;
        const reason = messageOf(error);
        if (reasons.get(name) !== reason) {
          log.error({ path: name, reason }, `MediaMTX ${verb} a path, will retry`);
        }
        reasons.set(name, reason);
        return true;
      }
    },
    clear: (name: string) => void reasons.delete(name),
  };
}

/** False if the call failed because MediaMTX is unreachable; rethrows other errors. */
async function isReachable(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof MediaServerError && error.retryable) return false;
    throw error;
  }
}
