/**
 * Whether a stream should run, from its lifecycle and its viewers (R2.5): the first viewer starts it, further
 * ones share it, and it stops `idleMs` after the last one left. Pure: the caller brings the time.
 */
export type ViewerDemand = {
  mode: 'Never' | 'Always' | 'OnDemand';
  idleMs: number;
  /** Those who hold a connection. */
  viewers: number;
  /** What MediaMTX said of the last request over HLS, and when that changed; null if nobody watches so. */
  hls: { requestedAt: string; seenMs: number } | null;
  /** When a viewer was last seen or announced itself; null if none was since the stream was last unwanted. */
  lastSeenMs: number | null;
};

export type DemandEvent =
  | { type: 'configured'; mode: ViewerDemand['mode']; idleMs: number }
  | { type: 'readerArrived' }
  | { type: 'viewersObserved'; viewers: number; hlsRequestedAt?: string };

/** A player over HLS holds no connection: it asks for a playlist once a segment, which is as long as a key-frame interval. */
const hlsPauseMaxMs = 15_000;

export const noDemand: ViewerDemand = {
  mode: 'Never',
  idleMs: 30_000,
  viewers: 0,
  hls: null,
  lastSeenMs: null,
};

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
        hls: hlsAt(demand.hls, event.hlsRequestedAt, nowMs),
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
      return (
        demand.viewers > 0 ||
        (demand.lastSeenMs !== null && nowMs - demand.lastSeenMs < demand.idleMs) ||
        (demand.hls !== null && nowMs - demand.hls.seenMs < Math.max(demand.idleMs, hlsPauseMaxMs))
      );
  }
}

function hlsAt(before: ViewerDemand['hls'], requestedAt: string | undefined, nowMs: number) {
  if (requestedAt === undefined) return null;
  return requestedAt === before?.requestedAt ? before : { requestedAt, seenMs: nowMs };
}
