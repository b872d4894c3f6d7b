import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { Icon } from '../interface/icon.tsx';
import { PhaseBadge } from '../interface/phase-badge.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { TileFrame } from './tile-frame.tsx';
import { useTile } from './use-tile.ts';

/** The whole tile is a link. */
export function CameraTile({ camera, status }: { camera: Camera; status: CameraStatus | undefined }) {
  const view = useTile(camera, status);
  const name = displayNameOf(camera);
  return (
    <article ref={view.tile} className="tile" data-testid={`tile-${camera.id}`}>
      <TileFrame camera={camera} view={view} />
      <div className="tile-caption">
        <h2>
          <RouteLink to={{ page: 'camera', id: camera.id }}>{name}</RouteLink>
        </h2>
        <PhaseBadge status={status} />
        <p className="tile-reason">{view.text}</p>
        {view.watch !== null && (
          <button type="button" className="button button-small tile-watch" onClick={view.watch}>
            <Icon name="play" />
            Watch<span className="visually-hidden"> {name}</span>
          </button>
        )}
      </div>
    </article>
  );
}
