import type { RefObject } from 'react';
import { useCameras } from '../app-context.tsx';
import { useNow } from '../interface/use-now.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { clockText, coarseAgoText } from '../wording/detection.ts';
import type { TrackEntry } from './detection-list.ts';
import { TrackCard } from './track-card.tsx';

/** A track detected within this time is in view. */
const inViewMs = 3_000;

type Props = {
  entries: readonly TrackEntry[];
  list: RefObject<HTMLUListElement | null>;
  /** Omits the camera's name. */
  ofOneCamera?: boolean;
};

export function TrackList({ entries, list, ofOneCamera = false }: Props) {
  const { cameras, clockOffsetMs } = useCameras();
  const nowMs = useNow() + clockOffsetMs;
  const names = new Map(cameras?.map((camera) => [camera.id, displayNameOf(camera)]));
  return (
    <ul className="tracks" data-testid="detections" ref={list} tabIndex={-1}>
      {entries.map((entry) => (
        <TrackCard
          key={entry.trackId}
          entry={entry}
          cameraName={ofOneCamera ? null : (names.get(entry.cameraId) ?? entry.cameraId)}
          clock={clockText(entry.firstMs, nowMs)}
          ago={coarseAgoText(entry.firstMs, nowMs)}
          inView={nowMs - entry.lastMs < inViewMs}
        />
      ))}
    </ul>
  );
}
