import type { Point } from '@camplane/contracts/camera';
import type { Mask } from './form-values.ts';
import { maskPointsMax, masksMax, withPoint, withoutPoint } from './mask-geometry.ts';

/** The masks, and the index of the one that clicks add corners to. */
export type MaskDrawing = { masks: readonly Mask[]; drawing: number | null };

export type MaskAction =
  /** Adds a corner to the mask being drawn, or starts one. */
  | { type: 'draw'; point: Point }
  | { type: 'finish' }
  | { type: 'add'; points: readonly Point[] }
  | { type: 'move-corner'; mask: number; corner: number; to: Point }
  | { type: 'remove-corner'; mask: number; corner: number }
  | { type: 'rename'; mask: number; name: string }
  | { type: 'remove'; mask: number };

/** Ignores actions that exceed the limits or name a mask or corner that does not exist. */
export function reduceMasks(state: MaskDrawing, action: MaskAction): MaskDrawing {
  const { masks } = state;
  switch (action.type) {
    case 'draw': {
      const drawn = maskBeingDrawn(state);
      if (drawn === null) return startMask(masks, [action.point], masks.length);
      const points = masks[drawn]?.points ?? [];
      if (points.length >= maskPointsMax) return state;
      return replace(state, drawn, (mask) => ({ ...mask, points: [...points, action.point] }));
    }
    case 'finish':
      return { ...state, drawing: null };
    case 'add':
      return startMask(masks, action.points, null);
    case 'move-corner':
      return replace(state, action.mask, (mask) => withPoint(mask, action.corner, action.to));
    case 'remove-corner':
      return (masks[action.mask]?.points.length ?? 0) <= 1
        ? removeMask(masks, action.mask)
        : replace(state, action.mask, (mask) => withoutPoint(mask, action.corner));
    case 'rename':
      return replace(state, action.mask, (mask) => ({ ...mask, name: action.name }));
    case 'remove':
      return removeMask(masks, action.mask);
  }
}

/** Null also if the form removed that mask meanwhile. */
export function maskBeingDrawn({ masks, drawing }: MaskDrawing): number | null {
  return drawing !== null && drawing < masks.length ? drawing : null;
}

function startMask(masks: readonly Mask[], points: readonly Point[], drawing: number | null): MaskDrawing {
  if (masks.length >= masksMax) return { masks, drawing: null };
  return { masks: [...masks, { name: '', points }], drawing };
}

/** Indexes shift, so no mask is being drawn afterwards. */
function removeMask(masks: readonly Mask[], index: number): MaskDrawing {
  return { masks: masks.filter((_, at) => at !== index), drawing: null };
}

function replace(state: MaskDrawing, index: number, change: (mask: Mask) => Mask): MaskDrawing {
  return { ...state, masks: state.masks.map((mask, at) => (at === index ? change(mask) : mask)) };
}
