import type { BoundingBox } from '@camplane/contracts/detection';
import type { Box } from '../detect/boxes.ts';
import { affinityOf } from './affinity.ts';

/** One object over several frames. */
export type Track = {
  id: string;
  kind: string;
  /** Last position, in frame heights. */
  box: Box;
  /** Frame heights per second. */
  velocity: { x: number; y: number };
  /** Milliseconds since 1970. */
  seenAt: number;
};

/** `kind`: only objects of the same kind are compared. */
export type Sighting = { kind: string; box: BoundingBox };

/** A track ends after this long without a sighting, so that a person behind a tree keeps the track. */
const missingMaxMs = 4_000;
/** Tracks of one camera; the longest unseen are dropped first. */
const tracksMax = 256;
/** Weight of the newest movement in the velocity, and the maximum time to extrapolate. */
const velocityGain = 0.5;
const expectMaxSeconds = 1;
/** Lowers the affinity of tracks that have been missing. */
const missingPenalty = 0.5;

/**
 * Assigns each sighting in a frame to the track that it continues, or to a new one. Greedy, best affinity first; each
 * track continues with at most one sighting.
 *
 * @param aspect width of the frame divided by its height
 * @param now capture time of the frame: milliseconds since 1970
 * @param newId id of a track that starts with the sighting of that index
 * @returns the tracks for the next call, and a track id for each sighting
 */
export function track(
  tracks: readonly Track[],
  seen: readonly Sighting[],
  { aspect, now, newId }: { aspect: number; now: number; newId: (index: number) => string },
): { tracks: Track[]; ids: string[] } {
  const alive = tracks.filter(({ seenAt }) => Math.abs(now - seenAt) <= missingMaxMs);
  const boxes = seen.map(({ box }) => inHeights(box, aspect));
  const pairs = pairUp(alive, seen, boxes, now);
  const fresh = seen.map(({ kind }, index): Track => {
    const box = boxes[index] as Box;
    const before = pairs.get(index);
    if (!before) return { id: newId(index), kind, box, velocity: { x: 0, y: 0 }, seenAt: now };
    return {
      id: before.id,
      kind,
      box,
      velocity: velocityOf(before, box, now),
      seenAt: Math.max(now, before.seenAt),
    };
  });
  const continued = new Set([...pairs.values()].map(({ id }) => id));
  const missing = alive.filter(({ id }) => !continued.has(id)).sort((a, b) => b.seenAt - a.seenAt);
  return {
    tracks: [...fresh, ...missing].slice(0, tracksMax),
    ids: fresh.map(({ id }) => id),
  };
}

function pairUp(
  tracks: readonly Track[],
  seen: readonly Sighting[],
  boxes: readonly Box[],
  now: number,
): Map<number, Track> {
  const candidates = tracks.flatMap((one) =>
    boxes.flatMap((box, index) => {
      if (seen[index]?.kind !== one.kind) return [];
      const elapsedSeconds = Math.max(0, now - one.seenAt) / 1000;
      const plain = affinityOf(expectedBox(one, elapsedSeconds), box, elapsedSeconds);
      const age = (elapsedSeconds * 1000) / missingMaxMs;
      return plain > 0 ? [{ one, index, affinity: plain * (1 - missingPenalty * age) }] : [];
    }),
  );
  const pairs = new Map<number, Track>();
  const taken = new Set<string>();
  for (const { one, index } of candidates.sort((a, b) => b.affinity - a.affinity)) {
    if (taken.has(one.id) || pairs.has(index)) continue;
    taken.add(one.id);
    pairs.set(index, one);
  }
  return pairs;
}

function expectedBox({ box, velocity }: Track, elapsedSeconds: number): Box {
  const seconds = Math.min(elapsedSeconds, expectMaxSeconds);
  return { ...box, x: box.x + velocity.x * seconds, y: box.y + velocity.y * seconds };
}

function velocityOf(before: Track, box: Box, now: number): { x: number; y: number } {
  const seconds = (now - before.seenAt) / 1000;
  if (seconds <= 0) return before.velocity;
  const moved = (to: number, from: number, old: number) => old + velocityGain * ((to - from) / seconds - old);
  return {
    x: moved(box.x + box.width / 2, before.box.x + before.box.width / 2, before.velocity.x),
    // The feet show where a person is; the visible part of the head varies more.
    y: moved(box.y + box.height, before.box.y + before.box.height, before.velocity.y),
  };
}

function inHeights({ x, y, width, height }: BoundingBox, aspect: number): Box {
  return { x: x * aspect, y, width: width * aspect, height };
}
