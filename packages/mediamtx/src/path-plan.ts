import type { CameraPathConfig } from './camera-path.ts';

export type PathState = {
  desired: ReadonlyMap<string, CameraPathConfig>;
  /** The configurations that MediaMTX accepted, as JSON. */
  pushed: ReadonlyMap<string, string>;
  /** Paths to delete from MediaMTX. */
  obsolete: ReadonlySet<string>;
};

/** Each path is in at most one list, apart from lost paths, which are also pushed again if still desired. */
export type PathPlan = {
  /** Pushed earlier and missing now: MediaMTX was restarted. */
  lost: string[];
  /** Obsolete and already missing. */
  deleted: string[];
  toDelete: string[];
  toPush: string[];
};

/** Compares the desired paths with those present in MediaMTX. Pure. */
export function planPaths({ desired, pushed, obsolete }: PathState, present: ReadonlySet<string>): PathPlan {
  return {
    lost: [...pushed.keys()].filter((name) => !present.has(name)),
    deleted: [...obsolete].filter((name) => !present.has(name)),
    toDelete: [...obsolete].filter((name) => present.has(name)),
    toPush: [...desired]
      .filter(([name, config]) => !present.has(name) || pushed.get(name) !== JSON.stringify(config))
      .map(([name]) => name),
  };
}
