import type { CameraStatus } from '@camplane/contracts/camera-status';
import { useCameras } from '../app-context.tsx';
import { Facts } from '../interface/facts.tsx';
import { useNow } from '../interface/use-now.ts';
import { codecName } from '../player/media-stats.ts';
import { agoText, durationText, secondsUntil } from '../wording/duration.ts';

/** What was last observed of the camera; its times are the server's, so the server's clock counts them. */
export function CameraState({ status }: { status: CameraStatus | undefined }) {
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
        ['Viewers', status.viewerCount],
        ['Up for', status.isRunning ? durationText(uptimeSeconds) : null],
        // Of a live camera it is reported with heartbeats only, and would seem old.
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
