import type { StoredDetection } from '@camplane/contracts/detection';
import { useEffect, useState } from 'react';
import { messageOf } from '../api/message-of.ts';
import { listDetections } from '../api/detections.ts';
import type { DetectionPage } from '../api/detections.ts';
import { useApp } from '../app-context.tsx';
import { cropAround } from '../boxes/frame-geometry.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { clockText, confidenceText, exactText } from '../wording/detection.ts';
import { DetectionImage } from './detection-image.tsx';
import { thumbnailAspect } from './track-card.tsx';

const pageSize = '24';

/** The track in other frames. */
export function TrackStrip({ detection }: { detection: StoredDetection }) {
  const { feed } = useApp();
  const { trackId } = detection;
  const [page, setPage] = useState<DetectionPage | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setPage(null);
    setError(null);
    listDetections({ trackId, limit: pageSize }, stop.signal).then(setPage, (thrown: unknown) => {
      if (!stop.signal.aborted) setError(messageOf(thrown));
    });
    return () => stop.abort();
  }, [trackId]);

  const loadMore = async (shown: DetectionPage, cursor: string) => {
    try {
      const more = await listDetections({ trackId, limit: pageSize, cursor });
      setPage((now) => (now === shown ? { ...more, items: [...shown.items, ...more.items] } : now));
    } catch (thrown) {
      setError(messageOf(thrown));
    }
  };

  const cursor = page?.nextCursor ?? null;
  return (
    <section className="card" aria-labelledby="track-title">
      <h2 id="track-title">Same {detection.label}, other frames</h2>
      {error !== null && <p className="muted">Other frames could not be loaded. {error}</p>}
      {page && <p className="muted">{summaryOf(page, feed.serverNowMs())}</p>}
      <ul className="strip">
        {(page?.items ?? [detection]).map((one) => (
          <li key={one.id}>
            <RouteLink
              to={{ page: 'detection', id: one.id }}
              aria-current={one.id === detection.id ? 'true' : undefined}
              title={exactText(Date.parse(one.capturedAt))}
            >
              <DetectionImage
                imagePath={one.imagePath}
                boundingBox={one.boundingBox}
                label={one.label}
                crop={cropAround(one.boundingBox, one.frame, thumbnailAspect)}
                aspect={thumbnailAspect}
                alt=""
                lazy
                missingText="No image"
              />
              <span>{clockText(Date.parse(one.capturedAt), Date.parse(one.capturedAt))}</span>
              <span className="muted">{confidenceText(one.confidence)}</span>
            </RouteLink>
          </li>
        ))}
      </ul>
      {page && cursor !== null && (
        <button type="button" className="button button-small" onClick={() => void loadMore(page, cursor)}>
          Load earlier frames
        </button>
      )}
    </section>
  );
}

function summaryOf({ items, nextCursor }: DetectionPage, nowMs: number): string {
  const last = items.at(0);
  const first = items.at(-1);
  if (!first || !last || items.length === 1) return 'Detected in one frame.';
  const count = nextCursor === null ? `${items.length} frames` : `the last ${items.length} frames`;
  const from = clockText(Date.parse(first.capturedAt), nowMs);
  return `Detected in ${count} from ${from} to ${clockText(Date.parse(last.capturedAt), Date.parse(first.capturedAt))}.`;
}
