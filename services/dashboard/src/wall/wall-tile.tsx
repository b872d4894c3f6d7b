import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { DragEvent } from 'react';
import { TileFrame } from '../grid/tile-frame.tsx';
import { useTile } from '../grid/use-tile.ts';
import { Icon } from '../interface/icon.tsx';
import { PhaseBadge } from '../interface/phase-badge.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';

export type Arranging = {
  onMove: (by: -1 | 1) => void;
  /** Another camera was dropped on this one. */
  onDrop: (cameraId: string) => void;
  isFirst: boolean;
  isLast: boolean;
};

type Props = {
  camera: Camera;
  status: CameraStatus | undefined;
  /** Null: the wall is not being arranged, and the tile is a link. */
  arranging: Arranging | null;
};

const dragType = 'application/x-camplane-camera';

/** The name covers the lower edge of the picture, which fills the tile. */
export function WallTile({ camera, status, arranging }: Props) {
  const view = useTile(camera, status);
  const name = displayNameOf(camera);
  return (
    <article
      ref={view.tile}
      className={`tile wall-tile${arranging ? ' arranging' : ''}`}
      data-testid={`tile-${camera.id}`}
      title={view.text}
      {...(arranging && dragHandlers(camera.id, arranging.onDrop))}
    >
      <TileFrame camera={camera} view={view} />
      <div className="wall-caption">
        <h2>{arranging ? name : <RouteLink to={{ page: 'camera', id: camera.id }}>{name}</RouteLink>}</h2>
        {view.notLive !== null && <PhaseBadge status={status} />}
        {view.watch !== null && !arranging && (
          <button type="button" className="button button-small tile-watch" onClick={view.watch}>
            <Icon name="play" />
            Watch<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
      {arranging && <MoveButtons name={name} arranging={arranging} />}
    </article>
  );
}

/** Named after the effect, not the direction: the wall has one order, from left to right and from top to bottom. */
function MoveButtons({ name, arranging }: { name: string; arranging: Arranging }) {
  const { onMove, isFirst, isLast } = arranging;
  return (
    <div className="wall-move">
      <button
        type="button"
        className="button icon-button"
        aria-label={`Move ${name} earlier`}
        aria-disabled={isFirst}
        onClick={() => onMove(-1)}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        className="button icon-button"
        aria-label={`Move ${name} later`}
        aria-disabled={isLast}
        onClick={() => onMove(1)}
      >
        <Icon name="forward" />
      </button>
    </div>
  );
}

function dragHandlers(cameraId: string, onDrop: (cameraId: string) => void) {
  return {
    draggable: true,
    onDragStart: ({ dataTransfer }: DragEvent) => {
      dataTransfer.setData(dragType, cameraId);
      dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes(dragType)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      const dropped = event.dataTransfer.getData(dragType);
      if (dropped === '') return;
      event.preventDefault();
      if (dropped !== cameraId) onDrop(dropped);
    },
  };
}
