import type { Point } from '@camplane/contracts/camera';
import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import { fieldId } from './field.tsx';
import type { Mask } from './form-values.ts';
import {
  maskPointsMax,
  maskPointsMin,
  masksMax,
  middleBox,
  movedByKey,
  pointAt,
  polygonPoints,
  withPoint,
  withoutPoint,
} from './mask-geometry.ts';

type Props = {
  masks: readonly Mask[];
  picture: string | null;
  error: string | undefined;
  onChange: (masks: Mask[]) => void;
};

/**
 * Draws privacy masks on a picture of the camera: each click adds a corner to the mask being drawn; corners are
 * moved by dragging or with the arrow keys, and removed with Delete.
 */
export function MaskEditor({ masks, picture, error, onChange }: Props) {
  const surface = useRef<HTMLDivElement>(null);
  const dragged = useRef<{ mask: number; point: number } | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const drawing = open !== null && open < masks.length ? open : null;

  const replace = (index: number, mask: Mask) =>
    onChange(masks.map((one, at) => (at === index ? mask : one)));
  const remove = (index: number) => {
    setOpen(null);
    onChange(masks.filter((_, at) => at !== index));
  };
  const add = (points: Point[]) => {
    onChange([...masks, { name: '', points }]);
    return masks.length;
  };
  const here = (event: PointerEvent): Point | null => {
    const box = surface.current?.getBoundingClientRect();
    return box && box.width > 0 ? pointAt(event.clientX, event.clientY, box) : null;
  };

  const draw = (event: PointerEvent) => {
    const point = here(event);
    if (!point || event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    const mask = drawing === null ? undefined : masks[drawing];
    if (drawing !== null && mask) {
      if (mask.points.length < maskPointsMax) replace(drawing, { ...mask, points: [...mask.points, point] });
    } else if (masks.length < masksMax) {
      setOpen(add([point]));
    }
  };
  const drag = (event: PointerEvent) => {
    const point = dragged.current && here(event);
    const mask = dragged.current && masks[dragged.current.mask];
    if (dragged.current && point && mask)
      replace(dragged.current.mask, withPoint(mask, dragged.current.point, point));
  };
  const press = (event: KeyboardEvent, maskIndex: number, pointIndex: number) => {
    const mask = masks[maskIndex];
    const point = mask?.points[pointIndex];
    if (!mask || !point) return;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      if (mask.points.length <= 1) remove(maskIndex);
      else replace(maskIndex, withoutPoint(mask, pointIndex));
      // The corner that had the focus is gone: the next one takes it, or the editor.
      requestAnimationFrame(() => focusCorner(surface.current, maskIndex, pointIndex));
      return;
    }
    const moved = movedByKey(point, event.key, event.shiftKey);
    if (!moved) return;
    event.preventDefault();
    replace(maskIndex, withPoint(mask, pointIndex, moved));
  };

  return (
    <div className="masks">
      <div className="masks-head">
        <h3 id="masks-title">Privacy masks</h3>
        <p className="field-hint">
          {drawing === null
            ? 'Click on the picture to begin a mask. What it covers is black for every viewer.'
            : 'Click to add corners, at least three, then finish the mask.'}
        </p>
      </div>
      <div
        id={fieldId('masks')}
        ref={surface}
        className="mask-surface"
        tabIndex={-1}
        role="group"
        aria-labelledby="masks-title"
        onPointerDown={draw}
        onPointerMove={drag}
        onPointerUp={() => (dragged.current = null)}
        onPointerCancel={() => (dragged.current = null)}
      >
        {picture === null ? (
          <span className="mask-empty">No picture yet: test the source to see what you cover.</span>
        ) : (
          <img src={picture} alt="Picture of the camera, to draw on" draggable={false} />
        )}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {masks.map((mask, index) => (
            <polygon
              key={index}
              points={polygonPoints(mask.points)}
              className={index === drawing ? 'mask-drawing' : undefined}
            />
          ))}
        </svg>
        {masks.map((mask, maskIndex) =>
          mask.points.map((point, pointIndex) => (
            <button
              key={`${maskIndex}.${pointIndex}`}
              type="button"
              className="mask-corner"
              data-corner={`${maskIndex}.${pointIndex}`}
              style={{ left: `${point.x * 100}%`, top: `${point.y * 100}%` }}
              aria-label={`${maskName(mask, maskIndex)}, corner ${pointIndex + 1}`}
              aria-description="Arrow keys move it, Delete removes it"
              onKeyDown={(event) => press(event, maskIndex, pointIndex)}
              onPointerDown={(event) => {
                dragged.current = { mask: maskIndex, point: pointIndex };
                event.currentTarget.setPointerCapture(event.pointerId);
              }}
            />
          )),
        )}
      </div>
      {error !== undefined && <p className="field-error">{`Privacy masks: ${error}.`}</p>}
      <div className="button-row">
        {drawing !== null && (
          <button
            type="button"
            className="button button-small button-primary"
            disabled={(masks[drawing]?.points.length ?? 0) < maskPointsMin}
            onClick={() => setOpen(null)}
          >
            Finish mask
          </button>
        )}
        <button
          type="button"
          className="button button-small"
          disabled={masks.length >= masksMax}
          onClick={() => {
            const index = add(middleBox());
            setOpen(null);
            requestAnimationFrame(() => focusCorner(surface.current, index, 0));
          }}
        >
          Add a box
        </button>
      </div>
      {masks.length > 0 && (
        <ul className="mask-list">
          {masks.map((mask, index) => (
            <li key={index}>
              <input
                aria-label={`Name of mask ${index + 1}`}
                placeholder={`Mask ${index + 1}`}
                maxLength={64}
                value={mask.name}
                onChange={(event) => replace(index, { ...mask, name: event.target.value })}
              />
              <span className="muted">
                {mask.points.length} {mask.points.length === 1 ? 'corner' : 'corners'}
              </span>
              <button
                type="button"
                className="button button-small"
                onClick={() => remove(index)}
                aria-label={`Remove ${maskName(mask, index)}`}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function maskName(mask: Mask, index: number): string {
  return mask.name === '' ? `Mask ${index + 1}` : mask.name;
}

function focusCorner(surface: HTMLElement | null, maskIndex: number, pointIndex: number): void {
  const corner = (point: number) =>
    surface?.querySelector<HTMLElement>(`[data-corner="${maskIndex}.${point}"]`);
  (corner(pointIndex) ?? corner(pointIndex - 1) ?? surface)?.focus();
}
