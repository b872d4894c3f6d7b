import { useState } from 'react';
import { useCameras, usePermits } from '../app-context.tsx';
import { Icon } from '../interface/icon.tsx';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { summaryText } from '../wording/phase.ts';
import { CameraTile } from './camera-tile.tsx';
import { useSlotsNote } from './use-slots-note.ts';

/** The search field appears from this many cameras on. */
const searchFrom = 7;

export function GridPage() {
  const { cameras, statuses, connection } = useCameras();
  const [search, setSearch] = useState('');
  const note = useSlotsNote();
  if (cameras === null) {
    // If the first load fails, the banner shows the error.
    return <p className="page-note">{connection.kind === 'lost' ? '' : 'Loading cameras…'}</p>;
  }
  if (cameras.length === 0) return <EmptyGrid />;
  const term = search.trim().toLowerCase();
  const shown = cameras.filter((camera) =>
    `${displayNameOf(camera)} ${camera.id} ${camera.description}`.toLowerCase().includes(term),
  );
  return (
    <>
      <div className="page-head">
        <h1>Cameras</h1>
        <p className="summary">{summaryText(cameras, statuses)}</p>
        {cameras.length >= searchFrom && (
          <input
            type="search"
            className="search"
            placeholder="Find a camera"
            aria-label="Find a camera"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
        <RouteLink className="button wall-link" to={{ page: 'wall' }}>
          <Icon name="wall" />
          <span>Wall</span>
        </RouteLink>
        <AddCameraLink />
      </div>
      {note !== '' && (
        <p className="grid-note muted" role="status">
          {note}
        </p>
      )}
      {shown.length === 0 && <p className="page-note">No camera matches “{search}”.</p>}
      <div className={`grid ${sizeClass(shown.length)}`}>
        {shown.map((camera) => (
          <CameraTile key={camera.id} camera={camera} status={statuses.get(camera.id)} />
        ))}
      </div>
    </>
  );
}

/** Fewer cameras get larger tiles. */
function sizeClass(count: number): string {
  if (count === 1) return 'grid-one';
  return count <= 4 ? 'grid-few' : '';
}

function EmptyGrid() {
  const permits = usePermits();
  if (!permits.addCamera) {
    return (
      <div className="empty">
        <h1>No cameras yet</h1>
        <p>No camera is shared with you. Ask the administrator of this Camplane to share one.</p>
      </div>
    );
  }
  return (
    <div className="empty">
      <h1>No cameras yet</h1>
      <p>
        Enter the address of its stream, such as <code>rtsp://192.0.2.10:554/stream1</code>. You can test it
        before you save.
      </p>
      <AddCameraLink />
    </div>
  );
}

function AddCameraLink() {
  const permits = usePermits();
  if (!permits.addCamera) return null;
  return (
    <RouteLink className="button button-primary" to={{ page: 'new-camera' }}>
      <Icon name="plus" />
      Add camera
    </RouteLink>
  );
}
