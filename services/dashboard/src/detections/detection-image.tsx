import type { BoundingBox } from '@camplane/contracts/detection';
import { useState } from 'react';
import type { CSSProperties } from 'react';
import { cssLabelColour } from '../boxes/box-painter.ts';
import { boxInCrop } from '../boxes/frame-geometry.ts';
import type { Rectangle } from '../boxes/frame-geometry.ts';

type Props = {
  /** Null: there is no image. Undefined: not known yet. */
  imagePath: string | null | undefined;
  boundingBox: BoundingBox;
  label: string;
  /** The part of the image to show, as fractions. */
  crop: Rectangle;
  /** Width divided by height, in pixels. */
  aspect: number;
  alt: string;
  lazy?: boolean;
  /** Shown if there is no image. */
  missingText: string;
};

/** A detection's image, or a part of it, with its box. Reserves its space; stays empty until the image is decoded. */
export function DetectionImage(props: Props) {
  const { imagePath, boundingBox, label, crop, aspect, alt, lazy = false, missingText } = props;
  const [failedPath, setFailedPath] = useState<string | null>(null);
  const [loadedPath, setLoadedPath] = useState<string | null>(null);
  const shownPath = imagePath === failedPath ? null : imagePath;
  const box = boxInCrop(boundingBox, crop);
  return (
    <div className="detection-image" style={{ aspectRatio: String(aspect) }}>
      {typeof shownPath === 'string' && (
        <img
          src={shownPath}
          alt={alt}
          loading={lazy ? 'lazy' : 'eager'}
          decoding="async"
          // The previous image stays visible while the next one loads.
          className={loadedPath === null ? undefined : 'loaded'}
          style={placed({
            x: -crop.x / crop.width,
            y: -crop.y / crop.height,
            width: 1 / crop.width,
            height: 1 / crop.height,
          })}
          onLoad={() => setLoadedPath(shownPath)}
          onError={() => setFailedPath(shownPath)}
        />
      )}
      {shownPath === null && <span className="detection-image-missing">{missingText}</span>}
      {typeof shownPath === 'string' && loadedPath === shownPath && (
        <span
          className="box"
          style={{ ...placed(box), borderColor: cssLabelColour(label) }}
          aria-hidden="true"
        />
      )}
    </div>
  );
}

function placed({ x, y, width, height }: Rectangle): CSSProperties {
  const percent = (fraction: number) => `${(fraction * 100).toFixed(3)}%`;
  return { left: percent(x), top: percent(y), width: percent(width), height: percent(height) };
}
