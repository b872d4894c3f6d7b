import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useApp } from '../app-context.tsx';
import { BoxesCanvas, hasBurnedInBoxes, useBoxesShown } from '../boxes/boxes-canvas.tsx';
import { Icon } from '../interface/icon.tsx';
import { PhaseBadge } from '../interface/phase-badge.tsx';
import { useOnScreen } from '../interface/use-on-screen.ts';
import { usePageShown } from '../interface/use-page-shown.ts';
import { useSnapshot } from '../interface/use-snapshot.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { transportNames } from '../player/play-wording.ts';
import { usePlayer } from '../player/use-player.ts';
import { RouteLink } from '../routing/route-link.tsx';
import {
  notDetectedReason,
  notLiveReason,
  notPlayableReason,
  viewerCount,
  viewersText,
} from '../wording/phase.ts';
import { tileAddresses, shouldPlayTile } from './tile-policy.ts';

const snapshotRefreshMs = 5_000;
/** A stopped camera gets no new snapshots. */
const stoppedRefreshMs = 60_000;

/** Shows the latest snapshot until live video plays. The whole tile is a link. */
export function CameraTile({ camera, status }: { camera: Camera; status: CameraStatus | undefined }) {
  const { liveSlots } = useApp();
  const tile = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [requested, setRequested] = useState(false);
  const onScreen = useOnScreen(tile);
  const pageShown = usePageShown();
  const seen = onScreen && pageShown;
  const holdsSlot = useSyncExternalStore(liveSlots.subscribe, () => liveSlots.has(camera.id));
  const shouldPlay = seen && shouldPlayTile(camera, status, { requested, playing: holdsSlot });

  useEffect(() => {
    if (!shouldPlay) return;
    liveSlots.request(camera.id);
    return () => liveSlots.release(camera.id);
  }, [liveSlots, camera.id, shouldPlay]);
  // Scrolling past an on-demand camera again must not restart it.
  useEffect(() => {
    if (!seen) setRequested(false);
  }, [seen]);

  const { player, state } = usePlayer(
    video,
    camera.id,
    shouldPlay && holdsSlot ? tileAddresses(status) : null,
    status?.phase === 'RUNNING',
  );
  const playing = state.phase === 'playing';
  const refreshMs = status?.phase === 'RUNNING' || shouldPlay ? snapshotRefreshMs : stoppedRefreshMs;
  const snapshot = useSnapshot(camera.id, status, seen && !playing ? refreshMs : null);
  const drawsBoxes = useBoxesShown() && playing && !hasBurnedInBoxes(camera);
  const name = displayNameOf(camera);
  const reason =
    notLiveReason(status) ?? (playing ? null : notPlayableReason(status)) ?? notDetectedReason(status);
  const offersWatch = camera.lifecycle.start === 'OnDemand' && camera.enabled && !requested;

  return (
    <article ref={tile} className="tile" data-testid={`tile-${camera.id}`}>
      <div className="tile-frame">
        {snapshot !== null && !playing && (
          <img src={snapshot} alt="" className={reason === null ? undefined : 'dimmed'} />
        )}
        <video
          ref={video}
          muted
          playsInline
          className={playing ? 'shown' : undefined}
          aria-label={`${name}, live`}
        />
        {drawsBoxes && <BoxesCanvas cameraId={camera.id} video={video} player={player} detail="light" />}
        {snapshot === null && !playing && (
          <span className="tile-empty">{shouldPlay ? 'Connecting…' : 'No image'}</span>
        )}
        <span className="tile-mode" aria-hidden="true">
          {playing
            ? transportNames[state.transport]
            : modeWithoutVideo(snapshot !== null, shouldPlay && holdsSlot)}
        </span>
      </div>
      <div className="tile-caption">
        <h2>
          <RouteLink to={{ page: 'camera', id: camera.id }}>{name}</RouteLink>
        </h2>
        <PhaseBadge status={status} />
        <p className="tile-reason">{reason ?? viewersText(viewerCount(status, playing))}</p>
        {offersWatch && (
          <button type="button" className="button button-small tile-watch" onClick={() => setRequested(true)}>
            <Icon name="play" />
            Watch<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
    </article>
  );
}

function modeWithoutVideo(hasSnapshot: boolean, connecting: boolean): string {
  if (!hasSnapshot) return '';
  return connecting ? 'Connecting…' : 'Snapshot';
}
