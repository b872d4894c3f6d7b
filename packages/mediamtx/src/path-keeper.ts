import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@camplane/runtime/message-of';
import type { ApiPath } from './api-answers.ts';
import type { MediaMtxApi } from './api-client.ts';
import type { CameraPathConfig } from './camera-path.ts';
import type { MediaServerLog } from './log.ts';
import { MediaServerError } from './media-server-error.ts';

export type PathObservation = {
  name: string;
  /** Readers are accepted: true with the slate alone. */
  available: boolean;
  /** A publisher is there. */
  online: boolean;
  tracks: { codec: string; width?: number; height?: number; profile?: string }[];
  readers: { type: string; id: string }[];
  /** When one of its readers over HLS last asked for something, by MediaMTX's clock; absent where none reads so. */
  hlsRequestedAt?: string;
  /** Since the path was made; begins again at 0 when MediaMTX restarts. */
  inboundBytes: number;
  inboundFramesInError: number;
};

export type PathKeeperOptions = {
  api: Pick<MediaMtxApi, 'listPaths' | 'listHlsMuxers' | 'replacePath' | 'deletePath'>;
  pollIntervalMs: number;
  log: MediaServerLog;
  /** After each poll that succeeded: every path MediaMTX has, by name. */
  onObserved: (paths: ReadonlyMap<string, PathObservation>) => void;
  /** After a change only. When it says true, every path that MediaMTX accepts is in place. */
  onUpChange: (up: boolean) => void;
};

export type PathKeeper = {
  /**
   * Wants a path. Pushed now if MediaMTX is up (true), else as soon as it is (false). An unchanged
   * configuration is not pushed: a push that changes something cuts the path's readers.
   * Throws if MediaMTX refuses the configuration; it stays wanted, and is tried again at each poll.
   */
  set(name: string, config: CameraPathConfig): Promise<boolean>;
  /** No longer wants a path; true if it is gone from MediaMTX, false if it will go when MediaMTX is up. */
  remove(name: string): Promise<boolean>;
  /** Polls until aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** One poll, now. */
  refresh(): Promise<void>;
  readonly up: boolean;
};

/** A single late answer of a busy server is no outage; two in a row are. */
const timeoutsUntilDown = 2;

/**
 * Keeps the wanted paths in MediaMTX, which forgets what its API told it whenever it restarts, and reports
 * what is there: one list call a poll, whatever the number of cameras.
 */
export function createPathKeeper(options: PathKeeperOptions): PathKeeper {
  const { api, log } = options;
  const wanted = new Map<string, CameraPathConfig>();
  /** What MediaMTX is known to have, as JSON. */
  const pushed = new Map<string, string>();
  const unwanted = new Set<string>();
  /** Refusals already logged, so that a path refused at each poll is logged once. */
  const refusals = new Map<string, string>();
  let up = false;
  let timeouts = 0;
  let stopping: AbortSignal | undefined;

  // One change or poll at a time: a poll that began before a push must not take that path for missing.
  let queue: Promise<unknown> = Promise.resolve();
  function serially<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  function setUp(next: boolean): void {
    if (up === next) return;
    up = next;
    options.onUpChange(next);
  }

  async function push(name: string, config: CameraPathConfig): Promise<boolean> {
    const text = JSON.stringify(config);
    if (pushed.get(name) === text) return true;
    try {
      await api.replacePath(name, config, stopping);
    } catch (error) {
      // Whether it took effect is not known: a push of the same again is harmless.
      pushed.delete(name);
      if (error instanceof MediaServerError && error.retryable) return false;
      throw error;
    }
    pushed.set(name, text);
    refusals.delete(name);
    return true;
  }

  async function drop(name: string): Promise<boolean> {
    try {
      await api.deletePath(name, stopping);
    } catch (error) {
      if (error instanceof MediaServerError && error.retryable) return false;
      throw error;
    }
    unwanted.delete(name);
    refusals.delete(name);
    return true;
  }

  async function settle(paths: ApiPath[]): Promise<boolean> {
    const present = new Set(paths.map((path) => path.name));
    const missing = [...pushed.keys()].filter((name) => !present.has(name));
    if (missing.length > 0) {
      log.warn({ paths: missing.length }, 'MediaMTX has lost its paths: it was restarted');
      // Whoever publishes or reads there was cut, though no poll may have seen the server away.
      setUp(false);
      for (const name of missing) pushed.delete(name);
    }
    for (const name of unwanted) {
      if (!present.has(name)) unwanted.delete(name);
      else if (!(await eachAlone(name, 'kept', () => drop(name)))) return false;
    }
    for (const [name, config] of wanted) {
      if (!(await eachAlone(name, 'refused', () => push(name, config)))) return false;
    }
    return true;
  }

  /** One bad path must not keep the others out. False: MediaMTX is away. */
  async function eachAlone(
    name: string,
    what: 'refused' | 'kept',
    change: () => Promise<boolean>,
  ): Promise<boolean> {
    try {
      return await change();
    } catch (error) {
      if (stopping?.aborted === true) throw error;
      const reason = messageOf(error);
      if (refusals.get(name) !== reason) log.error({ path: name, reason }, `MediaMTX ${what} a path`);
      refusals.set(name, reason);
      return true;
    }
  }

  async function poll(): Promise<void> {
    try {
      let paths = await api.listPaths(stopping);
      timeouts = 0;
      const changed = needsSettling(paths);
      if (!(await settle(paths))) {
        setUp(false);
        return;
      }
      if (changed) paths = await api.listPaths(stopping);
      setUp(true);
      const hlsRequests = await lastHlsRequests(paths);
      options.onObserved(
        new Map(paths.map((path) => [path.name, observe(path, hlsRequests.get(path.name))])),
      );
    } catch (error) {
      if (stopping?.aborted === true) return;
      timeouts += 1;
      const isSlow = error instanceof MediaServerError && error.kind === 'timed-out';
      if (isSlow && timeouts < timeoutsUntilDown) return;
      if (up) log.warn({ reason: messageOf(error) }, 'MediaMTX is away');
      setUp(false);
    }
  }

  /** One more call, and only while someone watches over HLS: such a viewer is listed for 30 s after it has gone. */
  async function lastHlsRequests(paths: ApiPath[]): Promise<ReadonlyMap<string, string>> {
    if (!paths.some((path) => path.readers.some(({ type }) => type === 'hlsSession'))) return new Map();
    // Not knowing it is no outage: the viewers count for as long as they are listed.
    const muxers = await api.listHlsMuxers(stopping).catch(() => []);
    return new Map(muxers.map((muxer) => [muxer.path, muxer.lastRequest]));
  }

  function needsSettling(paths: ApiPath[]): boolean {
    const present = new Set(paths.map((path) => path.name));
    return (
      [...unwanted].some((name) => present.has(name)) ||
      [...wanted].some(([name, config]) => !present.has(name) || pushed.get(name) !== JSON.stringify(config))
    );
  }

  return {
    get up() {
      return up;
    },
    set(name, config) {
      wanted.set(name, config);
      unwanted.delete(name);
      return serially(async () => {
        // Replaced or removed by a later call that is waiting its turn.
        if (wanted.get(name) !== config || !up) return false;
        return push(name, config);
      });
    },
    remove(name) {
      wanted.delete(name);
      unwanted.add(name);
      refusals.delete(name);
      return serially(async () => {
        if (!unwanted.has(name)) return true;
        pushed.delete(name);
        return up ? drop(name) : false;
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

function observe(path: ApiPath, hlsRequestedAt: string | undefined): PathObservation {
  return {
    name: path.name,
    available: path.available,
    online: path.online,
    tracks: path.tracks2.map(({ codec, codecProps }) => ({
      codec,
      ...(codecProps?.width === undefined ? {} : { width: codecProps.width }),
      ...(codecProps?.height === undefined ? {} : { height: codecProps.height }),
      ...(codecProps?.profile === undefined ? {} : { profile: codecProps.profile }),
    })),
    readers: path.readers,
    ...(hlsRequestedAt === undefined ? {} : { hlsRequestedAt }),
    inboundBytes: path.inboundBytes,
    inboundFramesInError: path.inboundFramesInError,
  };
}
