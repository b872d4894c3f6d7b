import type { Point } from '@camplane/contracts/camera';
import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, RefObject } from 'react';
import { fieldId } from './field.tsx';
import type { Mask } from './form-values.ts';
import { maskBeingDrawn, reduceMasks } from './mask-drawing.ts';
import type { MaskAction } from './mask-drawing.ts';
import { maskPointsMin, masksMax, middleBox, movedByKey, pointAt, polygonPoints } from './mask-geometry.ts';

type Props = {
  masks: readonly Mask[];
  image: string | null;
  error: string | undefined;
  onChange: (masks: readonly Mask[]) => void;
};

/**
 * Draws privacy masks on an image of the camera. A click adds a corner to the mask being drawn; corners are moved by
 * dragging or with the arrow keys, and removed with Delete.
 */
export function MaskEditor({ masks, image, error, onChange }: Props) {
  const surface = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number | null>(null);
  const drawing = maskBeingDrawn({ masks, drawing: open });

  const dispatch = (action: MaskAction) => {
    const next = reduceMasks({ masks, drawing }, action);
    setOpen(next.drawing);
    if (next.masks !== masks) onChange(next.masks);
  };
  const addBox = () => {
    dispatch({ type: 'add', points: middleBox() });
    requestAnimationFrame(() => focusCorner(surface.current, masks.length, 0));
  };

  return (
    <div className="masks">
      <div className="masks-head">
        <h3 id="masks-title">Privacy masks</h3>
        <p className="field-hint">
          {drawing === null
            ? 'Click the image to start a mask. The area inside it is black for every viewer.'
            : 'Click to add corners. A mask needs at least three.'}
        </p>
      </div>
      <MaskSurface surface={surface} masks={masks} drawing={drawing} image={image} dispatch={dispatch} />
      {error !== undefined && <p className="field-error">{`Privacy masks: ${error}.`}</p>}
      <div className="button-row">
        {drawing !== null && (
          <button
            type="button"
            className="button button-small button-primary"
            disabled={(masks[drawing]?.points.length ?? 0) < maskPointsMin}
            onClick={() => dispatch({ type: 'finish' })}
          >
            Finish mask
          </button>
        )}
        <button
          type="button"
          className="button button-small"
          disabled={masks.length >= masksMax}
          onClick={addBox}
        >
          Add a box
        </button>
      </div>
      {masks.length > 0 && <MaskList masks={masks} dispatch={dispatch} />}
    </div>
  );
}

type SurfaceProps = {
  surface: RefObject<HTMLDivElement | null>;
  masks: readonly Mask[];
  drawing: number | null;
  image: string | null;
  dispatch: (action: MaskAction) => void;
};

function MaskSurface({ surface, masks, drawing, image, dispatch }: SurfaceProps) {
  const dragged = useRef<{ mask: number; corner: number } | null>(null);
  const positionOf = (event: PointerEvent): Point | null => {
    const box = surface.current?.getBoundingClientRect();
    return box && box.width > 0 ? pointAt(event.clientX, event.clientY, box) : null;
  };
  const draw = (event: PointerEvent) => {
    const point = positionOf(event);
    if (!point || event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    dispatch({ type: 'draw', point });
  };
  const drag = (event: PointerEvent) => {
    const to = dragged.current && positionOf(event);
    if (dragged.current && to) dispatch({ type: 'move-corner', ...dragged.current, to });
  };
  const press = (event: KeyboardEvent, mask: number, corner: number, point: Point) => {
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      dispatch({ type: 'remove-corner', mask, corner });
      // Focus the next corner, or the editor.
      requestAnimationFrame(() => focusCorner(surface.current, mask, corner));
      return;
    }
    const to = movedByKey(point, event.key, event.shiftKey);
    if (!to) return;
    event.preventDefault();
    dispatch({ type: 'move-corner', mask, corner, to });
  };

  return (
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
      {image === null ? (
        <span className="mask-empty">No image yet. Test the source to see what you cover.</span>
      ) : (
        <img src={image} alt="Camera image to draw on" draggable={false} />
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
        mask.points.map((point, corner) => (
          <button
            key={`${maskIndex}.${corner}`}
            type="button"
            className="mask-corner"
            data-corner={`${maskIndex}.${corner}`}
            style={{ left: `${point.x * 100}%`, top: `${point.y * 100}%` }}
            aria-label={`${maskName(mask, maskIndex)}, corner ${corner + 1}`}
            aria-description="Arrow keys move it, Delete removes it"
            onKeyDown={(event) => press(event, maskIndex, corner, point)}
            onPointerDown={(event) => {
              dragged.current = { mask: maskIndex, corner };
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
          />
        )),
      )}
    </div>
  );
}

type ListProps = { masks: readonly Mask[]; dispatch: (action: MaskAction) => void };

function MaskList({ masks, dispatch }: ListProps) {
  return (
    <ul className="mask-list">
      {masks.map((mask, index) => (
        <li key={index}>
          <input
            aria-label={`Name of mask ${index + 1}`}
            placeholder={`Mask ${index + 1}`}
            maxLength={64}
            value={mask.name}
            onChange={(event) => dispatch({ type: 'rename', mask: index, name: event.target.value })}
          />
          <span className="muted">
            {mask.points.length} {mask.points.length === 1 ? 'corner' : 'corners'}
          </span>
          <button
            type="button"
            className="button button-small"
            onClick={() => dispatch({ type: 'remove', mask: index })}
            aria-label={`Remove ${maskName(mask, index)}`}
          >
            Remove
          </button>
        </li>
      ))}
    </ul>
  );
}

function maskName(mask: Mask, index: number): string {
  return mask.name === '' ? `Mask ${index + 1}` : mask.name;
}

function focusCorner(surface: HTMLElement | null, maskIndex: number, corner: number): void {
  const cornerButton = (index: number) =>
    surface?.querySelector<HTMLElement>(`[data-corner="${maskIndex}.${index}"]`);
  (cornerButton(corner) ?? cornerButton(corner - 1) ?? surface)?.focus();
}
