/**
 * Whether a stream should run, from its lifecycle and its viewers (R2.5): the first viewer starts it, further
 * ones share it, and it stops `idleMs` after the last one left. Pure: the caller brings the time.
 */
export type ViewerDemand = {
  mode: 'Never' | 'Always' | 'OnDemand';
  idleMs: number;
  viewers: number;
  /** When a viewer was last seen or announced itself; null if none was since the stream was last unwanted. */
  lastSeenMs: number | null;
};

export type DemandEvent =
  | { type: 'configured'; mode: ViewerDemand['mode']; idleMs: number }
  | { type: 'readerArrived' }
  | { type: 'viewersObserved'; viewers: number };

export const noDemand: ViewerDemand = { mode: 'Never', idleMs: 30_000, viewers: 0, lastSeenMs: null };

export function applyDemand(demand: ViewerDemand, event: DemandEvent, nowMs: number): ViewerDemand {
  switch (event.type) {
    case 'configured':
      return { ...demand, mode: event.mode, idleMs: event.idleMs };
    case 'readerArrived':
      return { ...demand, lastSeenMs: nowMs };
    case 'viewersObserved':
      return {
        ...demand,
        viewers: event.viewers,
        // A viewer who has just left was still there at this observation's predecessor: the pause counts from now.
        lastSeenMs: event.viewers > 0 || demand.viewers > 0 ? nowMs : demand.lastSeenMs,
      };
  }
}

export function isWanted(demand: ViewerDemand, nowMs: number): boolean {
  switch (demand.mode) {
    case 'Never':
      return false;
    case 'Always':
      return true;
    case 'OnDemand':
      return demand.viewers > 0 || (demand.lastSeenMs !== null && nowMs - demand.lastSeenMs < demand.idleMs);
  }
}
