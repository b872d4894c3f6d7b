import type { Camera } from '@camplane/contracts/camera-http';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useEffect, useMemo, useRef, useState } from 'react';
import { jpegUrl } from '../api/cameras.ts';
import { useCameras, usePermits } from '../app-context.tsx';
import { identityOf } from '../live/cameras-state.ts';
import { BoxesCanvas, hasBurnedInBoxes, useBoxesShown } from '../boxes/boxes-canvas.tsx';
import { useNow } from '../interface/use-now.ts';
import { usePageShown } from '../interface/use-page-shown.ts';
import { useSnapshot } from '../interface/use-snapshot.ts';
import type { MediaAddresses } from '../player/open-session.ts';
import { jpegSocketSource } from '../player/jpeg-socket.ts';
import { fallbackText, progressText } from '../player/play-wording.ts';
import { usePlayer } from '../player/use-player.ts';
import { isFirstStart, notDetectedReason, notLiveReason, notPlayableReason } from '../wording/phase.ts';
import { toggleFullscreen } from './fullscreen.ts';
import { PlaybackDetails } from './playback-details.tsx';
import { StageBar } from './stage-bar.tsx';
import { usePlaybackStats } from './use-playback-stats.ts';

type Props = {
  camera: Camera;
  name: string;
  status: CameraStatus | undefined;
  onPlayingChange: (playing: boolean) => void;
};

/** The camera's live video with its controls; the latest snapshot while nothing plays. */
export function Stage({ camera, name, status, onPlayingChange }: Props) {
  const { leaving } = useCameras();
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [quality, setQuality] = useState<StreamQuality>('main');
  const [muted, setMuted] = useState(true);
  const [detailsShown, setDetailsShown] = useState(false);
  const pageShown = usePageShown();
  const started = useRef(false);
  if (status && !isFirstStart(status)) started.current = true;
  // With sound on, playback continues while the page is in the background.
  const shouldPlay =
    isPlayable(status) && started.current && !leaving.has(camera.id) && (pageShown || !muted);
  const pictureSource = useMemo(() => jpegSocketSource(jpegUrl(camera.id, quality)), [camera.id, quality]);
  const { player, state } = usePlayer({
    ...{ video, canvas, pictureSource },
    cameraId: camera.id,
    addresses: shouldPlay ? addressesOf(status, quality) : null,
    running: status?.phase === 'RUNNING',
  });
  const playing = state.phase === 'playing';
  const seesDetections = usePermits().camera('detection.view', identityOf(camera));
  const showsBoxes = useBoxesShown() && !hasBurnedInBoxes(camera) && playing;
  const stats = usePlaybackStats(player, playing, state);
  const snapshot = useSnapshot(camera.id, status, playing ? null : 5_000);
  useNow(state.phase === 'waiting');
  const progress = shouldPlay ? progressText(state, performance.now()) : null;
  // If the camera itself is down, the player's failures are a consequence: show the cause.
  const note =
    (status?.phase === 'IDLE' ? progress : null) ?? notLiveReason(status) ?? progress ?? 'Connecting…';
  const hasSub = (status?.endpoints.sub ?? null) !== null;

  useEffect(() => onPlayingChange(playing), [onPlayingChange, playing]);
  useEffect(() => {
    if (!hasSub) setQuality('main');
  }, [hasSub]);

  const toggle = () => void toggleFullscreen(frame.current, video.current);
  return (
    <section className="stage" aria-label="Live video">
      <div className="stage-frame" ref={frame} style={{ aspectRatio: aspectRatioOf(status) }}>
        {snapshot !== null && !playing && <img src={snapshot} alt={`Latest snapshot of ${name}`} />}
        <video
          ref={video}
          muted={muted}
          playsInline
          className={playing ? 'shown' : undefined}
          aria-label={`${name}, live`}
          onVolumeChange={(event) => setMuted(event.currentTarget.muted)}
          onDoubleClick={toggle}
        />
        <canvas ref={canvas} className="pictures" hidden aria-hidden="true" onDoubleClick={toggle} />
        {showsBoxes && <BoxesCanvas cameraId={camera.id} video={video} player={player} detail="full" />}
        {!playing && (
          <div className="stage-note" role="status">
            {note}
            {note === progress && state.phase === 'waiting' && (
              <button type="button" className="button button-small" onClick={player?.retryNow}>
                Try now
              </button>
            )}
          </div>
        )}
      </div>
      <StageBar
        transport={playing ? state.transport : null}
        latencyMs={stats?.latencyMs ?? null}
        hasSnapshot={snapshot !== null}
        quality={hasSub ? { value: quality, onChange: setQuality } : null}
        drawsBoxes={seesDetections && !hasBurnedInBoxes(camera)}
        sound={playing && player?.hasAudio() ? { muted, onChange: setMuted } : null}
        details={{ shown: detailsShown, onChange: setDetailsShown }}
        onFullscreen={toggle}
      />
      <StageWarnings
        fallback={state.phase === 'idle' ? null : fallbackText(state)}
        notPlayable={playing || !shouldPlay ? null : notPlayableReason(status)}
        notDetected={notDetectedReason(status)}
      />
      <div id="playback-details" hidden={!detailsShown}>
        {detailsShown && <PlaybackDetails state={state} stats={stats} />}
      </div>
    </section>
  );
}

function StageWarnings({
  fallback,
  notPlayable,
  notDetected,
}: {
  fallback: string | null;
  notPlayable: string | null;
  notDetected: string | null;
}) {
  return (
    <>
      {fallback !== null && <p className="stage-fallback">{fallback}</p>}
      {notPlayable !== null && <p className="stage-fallback">{notPlayable}</p>}
      {notDetected !== null && <p className="stage-fallback">Detection: {notDetected}</p>}
    </>
  );
}

/** True for a failing camera too: the server shows its slate, and live video returns in the same session. */
function isPlayable(status: CameraStatus | undefined): boolean {
  return status !== undefined && status.phase !== 'STOPPED' && status.phase !== 'STOPPING';
}

function addressesOf(status: CameraStatus | undefined, quality: StreamQuality): MediaAddresses | null {
  const endpoints = quality === 'sub' ? status?.endpoints.sub : status?.endpoints;
  return endpoints && endpoints.webrtc !== '' ? endpoints : null;
}

/** The video's own ratio once known, so that it has no bars. */
function aspectRatioOf(status: CameraStatus | undefined): string {
  const video = status?.video;
  return video && video.width > 0 && video.height > 0 ? `${video.width} / ${video.height}` : '16 / 9';
}
