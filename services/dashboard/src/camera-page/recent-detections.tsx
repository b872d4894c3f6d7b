import type { Camera } from '@camplane/contracts/camera-http';
import { useRef, useState } from 'react';
import { useApp } from '../app-context.tsx';
import { noFilter } from '../detections/detection-filter.ts';
import type { ListState } from '../detections/detection-list.ts';
import { TrackList } from '../detections/track-list.tsx';
import { useHistory, useHold } from '../detections/use-history.ts';
import { RouteLink } from '../routing/route-link.tsx';

const shownMax = 6;

/** The camera's latest detections. */
export function RecentDetections({ camera }: { camera: Camera }) {
  const { newHistory } = useApp();
  const [history] = useState(() => newHistory(shownMax));
  const filter = { ...noFilter, cameraId: camera.id };
  const state = useHistory(history, filter);
  const list = useRef<HTMLUListElement>(null);
  const present = state.entries.length > 0;
  useHold(history, list, present);
  return (
    <section className="card recent" aria-labelledby="recent-title">
      <div className="recent-head">
        <h2 id="recent-title">Detections</h2>
        <span className="muted" role="status">
          {state.waiting.length > 0 && `${state.waiting.length} new`}
        </span>
        <RouteLink to={{ page: 'detections', filter }}>Show all</RouteLink>
      </div>
      {present && <TrackList entries={state.entries.slice(0, shownMax)} list={list} ofOneCamera />}
      {!present && <p className="muted recent-none">{noneText(camera, state)}</p>}
    </section>
  );
}

function noneText({ detection }: Camera, { phase, error }: ListState): string {
  if (phase === 'failed') return `Detections could not be loaded. ${error ?? ''}`;
  if (!detection.enabled) return 'Detection is off for this camera.';
  if (phase === 'loading') return 'Loading…';
  if (detection.detectors.every((detector) => detector === 'motion')) {
    return 'This camera only detects motion, which is not listed here.';
  }
  return 'No detections yet.';
}
