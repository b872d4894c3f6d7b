/**
 * Whether a stream should run, from its lifecycle and its viewers (R2.5): the first viewer starts it, and it stops `idleMs`
 * after the last one has left. Pure: the caller passes the time.
 */
export type ViewerDemand = {
  mode: 'Never' | 'Always' | 'OnDemand';
  idleMs: number;
  /** Viewers with an open connection. */
  viewers: number;
  /** The time of the last HLS request as MediaMTX reported it, and when that changed; null without HLS viewers. */
  hls: { requestedAt: string; seenMs: number } | null;
  /** When a viewer was last listed or arrived; null before the first one. */
  lastSeenMs: number | null;
};

export type DemandEvent =
  | { type: 'configured'; mode: ViewerDemand['mode']; idleMs: number }
  | { type: 'readerArrived' }
  | { type: 'viewersObserved'; viewers: number; hlsRequestedAt?: string };

/** An HLS player has no permanent connection: it requests a playlist per segment, which is as long as a key-frame interval. */
const hlsIdleMinMs = 15_000;

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
        // A viewer that has just left was listed in the previous poll: the idle time starts now.
        lastSeenMs: event.viewers > 0 || demand.viewers > 0 ? nowMs : demand.lastSeenMs,
      };
  }
}

export function hasDemand(demand: ViewerDemand, nowMs: number): boolean {
  switch (demand.mode) {
    case 'Never':
      return false;
    case 'Always':
      return true;
    case 'OnDemand':
      return (
        demand.viewers > 0 ||
        (demand.lastSeenMs !== null && nowMs - demand.lastSeenMs < demand.idleMs) ||
        (demand.hls !== null && nowMs - demand.hls.seenMs < Math.max(demand.idleMs, hlsIdleMinMs))
      );
  }
}

function hlsAt(before: ViewerDemand['hls'], requestedAt: string | undefined, nowMs: number) {
  if (requestedAt === undefined) return null;
  return requestedAt === before?.requestedAt ? before : { requestedAt, seenMs: nowMs };
}
