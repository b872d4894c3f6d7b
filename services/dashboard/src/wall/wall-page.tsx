import type { Camera } from '@camplane/contracts/camera-http';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useApp, useCameras } from '../app-context.tsx';
import { toggleFullscreen } from '../camera-page/fullscreen.ts';
import { useSlotsNote } from '../grid/use-slots-note.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { useTour } from './use-tour.ts';
import { WallBar } from './wall-bar.tsx';
import { arranged, movedTo, pagesOf } from './wall-order.ts';
import { WallTile } from './wall-tile.tsx';
import type { Arranging } from './wall-tile.tsx';

/** The cameras of one page side by side, as large as the screen permits. */
export function WallPage() {
  const { wall } = useApp();
  const { cameras, statuses } = useCameras();
  const choice = useSyncExternalStore(wall.subscribe, wall.current);
  const screen = useRef<HTMLDivElement>(null);
  const [wantedPage, setPage] = useState(0);
  const [arranging, setArranging] = useState(false);
  const ordered = arranged(cameras ?? [], choice.order);
  const pages = pagesOf(ordered, choice.layout);
  const page = Math.min(wantedPage, pages.length - 1);
  const turn = (by: -1 | 1) => setPage((page + by + pages.length) % pages.length);
  const tour = useTour(() => turn(1));
  const note = useSlotsNote();
  usePageKeys(turn);
  const arrangingOf = useArranging(ordered, (index) => setPage(Math.floor(index / choice.layout)));

  if (cameras?.length === 0) return <EmptyWall />;
  return (
    <div className="wall" ref={screen}>
      <WallBar
        {...{ choice, page, arranging, note }}
        pages={pages.length}
        tour={tour.tour}
        onTurn={turn}
        onChange={(change) => {
          wall.change(change);
          // The camera at the top left stays there.
          if (change.layout) setPage(Math.floor((page * choice.layout) / change.layout));
          if (change.tourSeconds && tour.tour.running) tour.start(change.tourSeconds * 1000);
        }}
        onTour={() => (tour.tour.running ? tour.stop() : tour.start(choice.tourSeconds * 1000))}
        onArrange={() => {
          setArranging(!arranging);
          tour.stop();
        }}
        onFullscreen={() => void toggleFullscreen(screen.current, null)}
      />
      <div className={`wall-tiles wall-${choice.layout}`}>
        {(pages[page] ?? []).map((camera) => (
          <WallTile
            key={camera.id}
            camera={camera}
            status={statuses.get(camera.id)}
            arranging={arranging ? arrangingOf(camera) : null}
          />
        ))}
      </div>
    </div>
  );
}

/** Moves cameras in the order of the wall. `show` turns to the page of the camera that was moved, given its index. */
function useArranging(
  ordered: readonly Camera[],
  show: (index: number) => void,
): (camera: Camera) => Arranging {
  const { wall, announce } = useApp();
  const ids = ordered.map(({ id }) => id);
  const place = (id: string, to: number) => {
    const order = movedTo(ids, id, to);
    const index = order.indexOf(id);
    wall.change({ order });
    show(index);
    const camera = ordered.find((one) => one.id === id);
    if (camera) announce(`${displayNameOf(camera)} is at place ${index + 1} of ${order.length}.`);
  };
  return ({ id }) => {
    const at = ids.indexOf(id);
    return {
      onMove: (by) => place(id, at + by),
      onDrop: (dropped) => place(dropped, at),
      isFirst: at === 0,
      isLast: at === ordered.length - 1,
    };
  };
}

/** The wall has no header that leads elsewhere. */
function EmptyWall() {
  return (
    <p className="page-note">
      No cameras yet. <RouteLink to={{ page: 'cameras' }}>Back to the grid</RouteLink>
    </p>
  );
}

/** Page Up and Page Down turn the page. Arrow keys stay with the controls. */
function usePageKeys(turn: (by: -1 | 1) => void): void {
  const latest = useRef(turn);
  useEffect(() => {
    latest.current = turn;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'PageDown' && event.key !== 'PageUp') return;
      event.preventDefault();
      latest.current(event.key === 'PageDown' ? 1 : -1);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}
