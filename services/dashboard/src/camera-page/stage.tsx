import type { Camera } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import { useEffect, useRef, useState } from 'react';
import { useApp, useCameras } from '../app-context.tsx';
import { BoxesCanvas, hasBoxesInPicture, useBoxesShown } from '../boxes/boxes-canvas.tsx';
import { Icon } from '../interface/icon.tsx';
import { usePageShown } from '../interface/use-page-shown.ts';
import { useNow } from '../interface/use-now.ts';
import { useSnapshot } from '../interface/use-snapshot.ts';
import {
  fallbackText,
  progressText,
  serverDelayHint,
  serverDelayText,
  transportNames,
} from '../player/play-wording.ts';
import type { MediaAddresses } from '../player/player.ts';
import { usePlayer } from '../player/use-player.ts';
import { notLiveReason, notPlayableReason } from '../wording/phase.ts';
import { PlaybackDetails } from './playback-details.tsx';
import { usePlaybackStats } from './use-playback-stats.ts';

type Props = {
  camera: Camera;
  name: string;
  status: CameraStatus | undefined;
  onPlayingChange: (playing: boolean) => void;
};

/** The camera's picture, what is known of its playback, and the controls for it. */
export function Stage({ camera, name, status, onPlayingChange }: Props) {
  const cameraId = camera.id;
  const { boxesShown } = useApp();
  const { leaving } = useCameras();
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const [quality, setQuality] = useState<StreamQuality>('main');
  const [muted, setMuted] = useState(true);
  const [detailsShown, setDetailsShown] = useState(false);
  const pageShown = usePageShown();
  // Who listens does so in the background too.
  const wanted = isPlayable(status) && !leaving.has(cameraId) && (pageShown || !muted);
  const { player, state } = usePlayer(
    video,
    wanted ? addressesOf(status, quality) : null,
    status?.phase === 'RUNNING',
  );
  const playing = state.phase === 'playing';
  const boxesOn = useBoxesShown();
  const drawsBoxes = !hasBoxesInPicture(camera);
  const stats = usePlaybackStats(player, playing, state);
  const picture = useSnapshot(cameraId, status, playing ? null : 5_000);
  useNow(state.phase === 'waiting');
  const progress = wanted ? progressText(state, performance.now()) : null;
  const reason = notLiveReason(status);
  const sub = status?.endpoints.sub ?? null;
  const fallback = fallbackText(state);
  const delay = serverDelayText(stats?.latencyMs ?? null);
  // Where the camera itself does not run, that is why there is no stream: the player's own troubles only follow.
  const note = (status?.phase === 'IDLE' ? progress : null) ?? reason ?? progress ?? 'Connecting…';

  useEffect(() => onPlayingChange(playing), [onPlayingChange, playing]);
  useEffect(() => {
    if (sub === null) setQuality('main');
  }, [sub]);

  return (
    <section className="stage" aria-label="Live picture">
      <div className="stage-picture" ref={frame} style={{ aspectRatio: aspectRatioOf(status) }}>
        {picture !== null && !playing && <img src={picture} alt={`Latest picture of ${name}`} />}
        <video
          ref={video}
          muted={muted}
          playsInline
          className={playing ? 'shown' : undefined}
          aria-label={`${name}, live`}
          onVolumeChange={(event) => setMuted(event.currentTarget.muted)}
          onDoubleClick={() => void toggleFullscreen(frame.current, video.current)}
        />
        {drawsBoxes && boxesOn && playing && (
          <BoxesCanvas cameraId={cameraId} video={video} player={player} detail="full" />
        )}
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
      <div className="stage-bar">
        <p className="stage-transport">
          {playing ? (
            <>
              <strong>{transportNames[state.transport]}</strong>
              {delay !== null && (
                <>
                  {' · '}
                  <span title={serverDelayHint}>{delay} from the media server</span>
                </>
              )}
            </>
          ) : (
            <span className="muted">{picture === null ? 'No picture' : 'Latest picture'}</span>
          )}
        </p>
        {sub !== null && <QualitySwitch quality={quality} onChange={setQuality} />}
        {drawsBoxes && (
          <button
            type="button"
            role="switch"
            aria-checked={boxesOn}
            className="button button-small switch"
            onClick={() => boxesShown.set(!boxesOn)}
          >
            Boxes
          </button>
        )}
        {playing && player?.hasAudio() && (
          <button
            type="button"
            className="button icon-button"
            onClick={() => setMuted(!muted)}
            aria-pressed={!muted}
          >
            <Icon name={muted ? 'silent' : 'sound'} />
            <span className="visually-hidden">Sound</span>
          </button>
        )}
        <button
          type="button"
          className="button button-small"
          aria-expanded={detailsShown}
          aria-controls="playback-details"
          onClick={() => setDetailsShown(!detailsShown)}
        >
          <Icon name="info" />
          Details
        </button>
        <button
          type="button"
          className="button icon-button"
          onClick={() => void toggleFullscreen(frame.current, video.current)}
          aria-label="Full screen"
        >
          <Icon name="expand" />
        </button>
      </div>
      {fallback !== null && <p className="stage-fallback">{fallback}</p>}
      {state.phase !== 'playing' && wanted && notPlayableReason(status) !== null && (
        <p className="stage-fallback">{notPlayableReason(status)}</p>
      )}
      <div id="playback-details" hidden={!detailsShown}>
        {detailsShown && <PlaybackDetails state={state} stats={stats} />}
      </div>
    </section>
  );
}

function QualitySwitch({
  quality,
  onChange,
}: {
  quality: StreamQuality;
  onChange: (to: StreamQuality) => void;
}) {
  const names = { main: 'Main', sub: 'Sub' } as const;
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Stream quality</legend>
      {(['main', 'sub'] as const).map((one) => (
        <label key={one}>
          <input type="radio" name="quality" checked={quality === one} onChange={() => onChange(one)} />
          <span>{names[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A camera that fails is still played: the server shows its slate, and the picture is back by itself. */
function isPlayable(status: CameraStatus | undefined): boolean {
  return status !== undefined && status.phase !== 'STOPPED' && status.phase !== 'STOPPING';
}

function addressesOf(status: CameraStatus | undefined, quality: StreamQuality): MediaAddresses | null {
  const endpoints = quality === 'sub' ? status?.endpoints.sub : status?.endpoints;
  return endpoints && endpoints.webrtc !== '' ? endpoints : null;
}

/** The picture's own, once it is known, so that it has no bars beside it. */
function aspectRatioOf(status: CameraStatus | undefined): string {
  const video = status?.video;
  return video && video.width > 0 && video.height > 0 ? `${video.width} / ${video.height}` : '16 / 9';
}

/** Safari on a phone lets only a video fill the screen, by a method of its own. */
type PhoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

async function toggleFullscreen(frame: HTMLElement | null, video: PhoneVideo | null): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (document.fullscreenEnabled) await frame?.requestFullscreen();
    else video?.webkitEnterFullscreen?.();
  } catch {
    // A browser may refuse (an embedded page): the picture stays where it is, which is what one sees.
  }
}
