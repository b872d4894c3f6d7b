import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useCameras } from '../app-context.tsx';
import { Facts } from '../interface/facts.tsx';
import { useNow } from '../interface/use-now.ts';
import { codecName } from '../player/media-stats.ts';
import { viewerCount } from '../wording/phase.ts';
import { agoText, durationText, secondsUntil } from '../wording/duration.ts';

type Props = {
  status: CameraStatus | undefined;
  /** This page plays the camera, and therefore is one of its viewers. */
  playingHere: boolean;
};

/** The last reported state. Its times are the server's, so they are compared with the server's clock. */
export function CameraState({ status, playingHere }: Props) {
  const { clockOffsetMs } = useCameras();
  const serverNowMs = useNow() + clockOffsetMs;
  if (!status) return null;
  const { video, nextAttemptTime, lastFrameTime } = status;
  const sinceReportSeconds = Math.max(0, (serverNowMs - Date.parse(status.lastHeartbeat)) / 1000);
  const uptimeSeconds = status.isRunning ? status.uptimeSeconds + sinceReportSeconds : status.uptimeSeconds;
  return (
    <Facts
      items={[
        ['Next attempt', nextAttemptTime && `in ${secondsUntil(Date.parse(nextAttemptTime), serverNowMs)} s`],
        ['Message', status.phase === 'ERROR' || status.phase === 'STARTING' ? status.message : null],
        [
          'Video',
          video &&
            `${codecName(video.codec) ?? video.codec}, ${video.width} × ${video.height}${
              video.fps === null ? '' : `, ${Number(video.fps.toFixed(1))} fps`
            }`,
        ],
        ['Viewers', viewerCount(status, playingHere)],
        ['Uptime', status.isRunning ? durationText(uptimeSeconds) : null],
        // For a live camera it is only updated with heartbeats and would look stale.
        [
          'Last frame',
          status.phase === 'RUNNING'
            ? null
            : lastFrameTime && agoText(Date.parse(lastFrameTime), serverNowMs),
        ],
        ['Restarts', status.restarts],
      ]}
    />
  );
}
