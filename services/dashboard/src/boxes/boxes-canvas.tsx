import type { Camera } from '@camplane/contracts/camera-http';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { useApp } from '../app-context.tsx';
import type { Player } from '../player/player.ts';
import type { BoxDetail } from './box-painter.ts';
import { runBoxLayer } from './box-layer.ts';

type Props = {
  cameraId: string;
  video: RefObject<HTMLVideoElement | null>;
  player: Player | null;
  detail: BoxDetail;
};

/** Boxes over a playing video. Hidden from screen readers: the list of detections has the same content. */
export function BoxesCanvas({ cameraId, video, player, detail }: Props) {
  const { detections, feed } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || !video.current || !player) return;
    return runBoxLayer({
      canvas: canvas.current,
      video: video.current,
      cameraId,
      detail,
      detections,
      serverNowMs: feed.serverNowMs,
      frameTimeMs: player.frameTimeMs,
      frameSize: player.frameSize,
    });
  }, [canvas, video, player, cameraId, detail, detections, feed]);
  return <canvas ref={canvas} className="boxes" data-testid="boxes" data-boxes="0" aria-hidden="true" />;
}

export function useBoxesShown(): boolean {
  const { boxesShown } = useApp();
  return useSyncExternalStore(boxesShown.subscribe, boxesShown.current);
}

/** In overlay mode camera-service may draw the boxes into the video. */
export function hasBurnedInBoxes({ video }: Pick<Camera, 'video'>): boolean {
  return video.mode === 'overlay' && video.overlay.boxes;
}
