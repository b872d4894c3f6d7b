import type { Camera } from '@camplane/contracts/camera-http';
import { BoxesCanvas, hasBurnedInBoxes, useBoxesShown } from '../boxes/boxes-canvas.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { transportNames } from '../player/play-wording.ts';
import type { Tile } from './use-tile.ts';

/** The picture of a tile: the latest snapshot until video or pictures play. */
export function TileFrame({ camera, view }: { camera: Camera; view: Tile }) {
  const { video, canvas, player, playing, snapshot } = view;
  const drawsBoxes = useBoxesShown() && playing && !hasBurnedInBoxes(camera);
  return (
    <div className="tile-frame">
      {snapshot !== null && !playing && (
        <img src={snapshot} alt="" className={view.notLive === null ? undefined : 'dimmed'} />
      )}
      <video
        ref={video}
        muted
        playsInline
        className={playing ? 'shown' : undefined}
        aria-label={`${displayNameOf(camera)}, live`}
      />
      <canvas ref={canvas} className="pictures" hidden aria-hidden="true" />
      {drawsBoxes && <BoxesCanvas cameraId={camera.id} video={video} player={player} detail="light" />}
      {snapshot === null && !playing && <span className="tile-empty">{emptyText(view)}</span>}
      <span className="tile-mode" aria-hidden="true">
        {modeText(view)}
      </span>
    </div>
  );
}

function emptyText({ active, state, text }: Tile): string {
  if (!active) return 'No image';
  return state.phase === 'waiting' ? text : 'Connecting…';
}

function modeText({ playing, state, snapshot, active }: Tile): string {
  if (playing) return transportNames[state.transport];
  if (snapshot === null) return '';
  return active && state.phase === 'connecting' && !state.held ? 'Connecting…' : 'Snapshot';
}
