import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { useApp } from '../app-context.tsx';
import { useOnScreen } from '../interface/use-on-screen.ts';
import { usePageShown } from '../interface/use-page-shown.ts';
import { useSnapshot } from '../interface/use-snapshot.ts';
import { failureSentence, fallbackText } from '../player/play-wording.ts';
import type { Player } from '../player/player.ts';
import type { PlayerState } from '../player/player-machine.ts';
import { usePlayer } from '../player/use-player.ts';
import {
  notDetectedReason,
  notLiveReason,
  notPlayableReason,
  viewerCount,
  viewersText,
} from '../wording/phase.ts';
import { shouldPlayTile, tileAddresses } from './tile-policy.ts';

const snapshotRefreshMs = 5_000;
/** A stopped camera gets no new snapshots. */
const stoppedRefreshMs = 60_000;

export type Tile = {
  tile: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  player: Player | null;
  state: PlayerState;
  playing: boolean;
  /** Whether it plays or is about to. */
  active: boolean;
  /** Shown until something plays. */
  snapshot: string | null;
  /** Why the camera is not live; null if it is. */
  notLive: string | null;
  /** One line about the camera and how it plays. */
  text: string;
  /** Null if the camera needs no request. */
  watch: (() => void) | null;
};

/** A camera on the grid or on the wall: plays while it is visible, as video if it gets a slot, else as pictures. */
export function useTile(camera: Camera, status: CameraStatus | undefined): Tile {
  const { liveSlots, decoderLoad, pictureFeed } = useApp();
  const tile = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [requested, setRequested] = useState(false);
  const onScreen = useOnScreen(tile);
  const pageShown = usePageShown();
  const seen = onScreen && pageShown;
  const holdsSlot = useSyncExternalStore(liveSlots.subscribe, () => liveSlots.has(camera.id));
  const pictureSource = useMemo(() => pictureFeed.source(camera.id), [pictureFeed, camera.id]);
  const [active, setActive] = useState(false);
  const shouldPlay = seen && shouldPlayTile(camera, status, { requested, playing: active });

  useEffect(() => setActive(shouldPlay), [shouldPlay]);
  useEffect(() => {
    if (!shouldPlay) return;
    liveSlots.request(camera.id);
    return () => liveSlots.release(camera.id);
  }, [liveSlots, camera.id, shouldPlay]);
  // Scrolling past an on-demand camera again must not restart it.
  useEffect(() => {
    if (!seen) setRequested(false);
  }, [seen]);

  const { player, state } = usePlayer({
    ...{ video, canvas, pictureSource },
    cameraId: camera.id,
    addresses: shouldPlay ? tileAddresses(status) : null,
    running: status?.phase === 'RUNNING',
    limited: !holdsSlot,
  });
  const playing = state.phase === 'playing';
  const playsVideo = playing && state.transport !== 'jpeg';
  useEffect(() => {
    if (playsVideo && video.current) return decoderLoad.watch(video.current);
    return undefined;
  }, [decoderLoad, playsVideo]);

  const refreshMs = status?.phase === 'RUNNING' || shouldPlay ? snapshotRefreshMs : stoppedRefreshMs;
  const snapshot = useSnapshot(camera.id, status, seen && !playing ? refreshMs : null);
  const notLive =
    notLiveReason(status) ?? (playing ? null : notPlayableReason(status)) ?? notDetectedReason(status);
  const offersWatch = camera.lifecycle.start === 'OnDemand' && camera.enabled && !requested;
  return {
    ...{ tile, video, canvas, player, state, playing, snapshot, notLive },
    active: shouldPlay,
    text: notLive ?? playText(state) ?? viewersText(viewerCount(status, playing)),
    watch: offersWatch ? () => setRequested(true) : null,
  };
}

/** Why a tile plays worse than it could; null if it does not. The page itself says that it limits videos. */
function playText(state: PlayerState): string | null {
  if (state.phase === 'waiting') return failureSentence(state);
  return state.phase === 'playing' && !state.limited ? fallbackText(state) : null;
}
