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

/** One thing that was seen. The whole card is a link to its page. Drawn again only when something in it changes. */
export const TrackCard = memo(function TrackCard({ entry, cameraName, clock, ago, inView }: Props) {
  const { label, confidence, boundingBox, frame } = entry;
  return (
    <li className="track" data-testid={`detection-${entry.trackId}`}>
      <RouteLink className="track-link" to={{ page: 'detection', id: entry.id }}>
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
