import { memo } from 'react';
import { cutAround } from '../boxes/picture-geometry.ts';
import { RouteLink } from '../routing/route-link.tsx';
import { confidenceText, exactText, labelText } from '../wording/detection.ts';
import { BoxPicture } from './box-picture.tsx';
import type { TrackEntry } from './detection-list.ts';

export const thumbnailAspect = 4 / 3;

type Props = {
  entry: TrackEntry;
  /** Null where it goes without saying. */
  cameraName: string | null;
  clock: string;
  ago: string;
  /** It was seen a moment ago. */
  inView: boolean;
};

/** One thing that was seen. The whole card leads to its page. Drawn again only when something in it changes. */
export const TrackCard = memo(function TrackCard({ entry, cameraName, clock, ago, inView }: Props) {
  const { label, confidence, boundingBox, frame } = entry;
  return (
    <li className="track" data-testid={`detection-${entry.trackId}`}>
      <BoxPicture
        imagePath={entry.imagePath}
        boundingBox={boundingBox}
        label={label}
        cut={cutAround(boundingBox, frame, thumbnailAspect)}
        aspect={thumbnailAspect}
        alt=""
        lazy
        missingText="No picture"
      />
      <div className="track-text">
        <p className="track-title">
          <RouteLink to={{ page: 'detection', id: entry.id }}>{labelText(label)}</RouteLink>
          <span className="track-confidence">{confidenceText(confidence)}</span>
        </p>
        {cameraName !== null && <p className="track-camera">{cameraName}</p>}
        <p className="track-time">
          <time dateTime={new Date(entry.firstMs).toISOString()} title={exactText(entry.firstMs)}>
            {clock}
          </time>
          {inView ? (
            <span className="track-now">
              <span className="badge-dot" aria-hidden="true" />
              in view
            </span>
          ) : (
            <span>{ago}</span>
          )}
        </p>
      </div>
    </li>
  );
});
