import type { StoredDetection } from '@camplane/contracts/detection';
import { useEffect, useState } from 'react';
import type { CSSProperties } from 'react';
import { ApiError } from '@camplane/api-client/api-error';
import { messageOf } from '../api/message-of.ts';
import { listDetections, readDetection } from '../api/detections.ts';
import { useApp, useCameras } from '../app-context.tsx';
import { fullFrame } from '../boxes/frame-geometry.ts';
import { Facts } from '../interface/facts.tsx';
import { Icon } from '../interface/icon.tsx';
import { Notice } from '../interface/notice.tsx';
import { useNow } from '../interface/use-now.ts';
import { displayNameOf } from '../live/cameras-state.ts';
import { RouteLink } from '../routing/route-link.tsx';
import {
  coarseAgoText,
  confidenceText,
  detectorTexts,
  exactText,
  labelText,
  imageFileName,
} from '../wording/detection.ts';
import { DetectionImage } from './detection-image.tsx';
import { findNeighbours } from './detection-neighbours.ts';
import type { Neighbours } from './detection-neighbours.ts';
import { TrackStrip } from './track-strip.tsx';

/** One detection with its image and details. The previous one stays until the next one is loaded. */
export function DetectionPage({ id }: { id: string }) {
  const { history } = useApp();
  const [detection, setDetection] = useState<StoredDetection | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    readDetection(id, stop.signal).then(setDetection, (thrown: unknown) => {
      if (!stop.signal.aborted) setError(thrown);
    });
    return () => stop.abort();
  }, [id, attempt]);

  const listRoute = { page: 'detections', filter: history.current().filter } as const;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <div className="empty">
        <h1>Detection not found</h1>
        <p>It may have been removed because its retention time has passed.</p>
        <RouteLink className="button" to={listRoute}>
          All detections
        </RouteLink>
      </div>
    );
  }
  if (error !== null) {
    return (
      <div className="form-page">
        <h1>Detection</h1>
        <Notice tone="error">{messageOf(error)}</Notice>
        <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>
          Try again
        </button>
      </div>
    );
  }
  if (!detection) return <p className="page-note">Loading…</p>;
  return (
    <>
      <div className="page-head">
        <RouteLink className="back" to={listRoute} aria-label="All detections">
          <Icon name="back" />
        </RouteLink>
        <h1>{labelText(detection.label)}</h1>
        <span className="muted">{confidenceText(detection.confidence)}</span>
        <Steps detection={detection} />
      </div>
      <div className="camera-layout">
        <div className="camera-main">
          <Image detection={detection} />
          <TrackStrip detection={detection} />
        </div>
        <aside className="camera-side">
          <About detection={detection} />
        </aside>
      </div>
    </>
  );
}

/** Links to the neighbours, which load after the page. */
function Steps({ detection }: { detection: StoredDetection }) {
  const { history, feed } = useApp();
  const [neighbours, setNeighbours] = useState<Neighbours>({ newer: null, older: null });
  useEffect(() => {
    const stop = new AbortController();
    const list = (parameters: Parameters<typeof listDetections>[0]) =>
      listDetections(parameters, stop.signal);
    findNeighbours(list, detection, history.current().filter, feed.serverNowMs()).then(
      (found) => {
        if (!stop.signal.aborted) setNeighbours(found);
      },
      () => {
        if (!stop.signal.aborted) setNeighbours({ newer: null, older: null });
      },
    );
    return () => stop.abort();
  }, [detection, history, feed]);
  return (
    <nav className="actions steps" aria-label="Other detections">
      <Step to={neighbours.newer} icon="back" text="Newer" />
      <Step to={neighbours.older} icon="forward" text="Older" />
    </nav>
  );
}

function Step({ to, icon, text }: { to: StoredDetection | null; icon: 'back' | 'forward'; text: string }) {
  const inside = (
    <>
      {icon === 'back' && <Icon name={icon} />}
      {text}
      {icon === 'forward' && <Icon name={icon} />}
    </>
  );
  if (!to) {
    return (
      <span className="button button-off" aria-disabled="true" role="link">
        {inside}
      </span>
    );
  }
  return (
    <RouteLink className="button" to={{ page: 'detection', id: to.id }}>
      {inside}
    </RouteLink>
  );
}

function Image({ detection }: { detection: StoredDetection }) {
  const { label, imagePath, boundingBox, frame } = detection;
  const { cameras } = useCameras();
  const camera = cameras?.find((one) => one.id === detection.cameraId);
  return (
    <section className="stage" aria-label="Image">
      {/* Not higher than the window, so that the details stay visible. */}
      <div className="detection-frame" style={{ '--aspect': frame.width / frame.height } as CSSProperties}>
        <DetectionImage
          imagePath={imagePath}
          boundingBox={boundingBox}
          label={label}
          crop={fullFrame}
          aspect={frame.width / frame.height}
          alt={`${labelText(label)}, ${exactText(Date.parse(detection.capturedAt))}`}
          missingText="No image stored. It may have been removed after its retention time."
        />
      </div>
      <div className="stage-bar">
        {imagePath !== null && (
          <a className="button button-small" href={imagePath} download={imageFileName(detection)}>
            <Icon name="download" />
            Download
          </a>
        )}
        {camera && (
          <RouteLink className="button button-small" to={{ page: 'camera', id: camera.id }}>
            <Icon name="play" />
            {displayNameOf(camera)} live
          </RouteLink>
        )}
      </div>
    </section>
  );
}

function About({ detection }: { detection: StoredDetection }) {
  const { cameras, clockOffsetMs } = useCameras();
  const nowMs = useNow() + clockOffsetMs;
  const { cameraId, boundingBox, frame } = detection;
  const atMs = Date.parse(detection.capturedAt);
  const camera = cameras?.find((one) => one.id === cameraId);
  const pixels = (fraction: number, of: number) => Math.round(fraction * of);
  return (
    <section className="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Details</h2>
      <Facts
        items={[
          ['Label', detection.label],
          ['Confidence', confidenceText(detection.confidence)],
          [
            'Camera',
            camera ? (
              <RouteLink to={{ page: 'camera', id: cameraId }}>{displayNameOf(camera)}</RouteLink>
            ) : (
              cameraId
            ),
          ],
          [
            'Time',
            <>
              <time dateTime={detection.capturedAt}>{exactText(atMs)}</time> ({coarseAgoText(atMs, nowMs)})
            </>,
          ],
          ['Detector', detectorTexts[detection.detector]],
          [
            'Box',
            `${pixels(boundingBox.width, frame.width)} × ${pixels(boundingBox.height, frame.height)} at ` +
              `${pixels(boundingBox.x, frame.width)}, ${pixels(boundingBox.y, frame.height)}`,
          ],
          ['Frame', `${frame.width} × ${frame.height}, number ${detection.sequence}`],
          ['Id', detection.id],
          ['Track', detection.trackId],
        ]}
      />
    </section>
  );
}
