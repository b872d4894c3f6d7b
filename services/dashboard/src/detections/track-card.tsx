import { memo } from 'react';
import { cropAround } from '../boxes/frame-geometry.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { confidenceText, exactText, labelText } from '../wording/detection.ts';
import { DetectionImage } from './detection-image.tsx';
import type { TrackEntry } from './detection-list.ts';

export const thumbnailAspect = 4 / 3;

type Props = {
  entry: TrackEntry;
  /** Null where the camera is obvious. */
  cameraName: string | null;
  clock: string;
  ago: string;
  /** Detected within the last seconds. */
  inView: boolean;
};

/** A track. The whole card is a link. Memoised, because the list updates often. */
export const TrackCard = memo(function TrackCard({ entry, cameraName, clock, ago, inView }: Props) {
  const { label, confidence, boundingBox, frame } = entry;
  return (
    <li className="track" data-testid={`detection-${entry.trackId}`}>
      <RouteLink className="track-link" to={{ page: 'detection', id: entry.id }}>
        <DetectionImage
          imagePath={entry.imagePath}
          boundingBox={boundingBox}
          label={label}
          crop={cropAround(boundingBox, frame, thumbnailAspect)}
          aspect={thumbnailAspect}
          alt=""
          lazy
          missingText="No image"
        />
        <span className="track-text">
          <span className="track-line">
            <strong>{labelText(label)}</strong> <span>{confidenceText(confidence)}</span>
          </span>
          {cameraName !== null && <span className="track-camera">{cameraName} </span>}
          <span className="track-line track-time">
            <time dateTime={new Date(entry.firstMs).toISOString()} title={exactText(entry.firstMs)}>
              {clock}
            </time>{' '}
            {inView ? (
              <span className="track-now">
                <span className="badge-dot" aria-hidden="true" />
                in view
              </span>
            ) : (
              <span>{ago}</span>
            )}
          </span>
        </span>
      </RouteLink>
    </li>
  );
});
