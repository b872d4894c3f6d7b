import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Mask } from './form-values.ts';
import { maskBeingDrawn, reduceMasks } from './mask-drawing.ts';
import type { MaskAction, MaskDrawing } from './mask-drawing.ts';
import { maskPointsMax, masksMax, middleBox } from './mask-geometry.ts';

const empty: MaskDrawing = { masks: [], drawing: null };
const point = { x: 0.5, y: 0.5 };
const mask: Mask = { name: 'gate', points: middleBox() };

const apply = (state: MaskDrawing, ...actions: MaskAction[]) => actions.reduce(reduceMasks, state);

describe('drawing masks', () => {
  it('starts a mask with the first click and adds a corner with each further one', () => {
    const drawn = apply(empty, { type: 'draw', point }, { type: 'draw', point: { x: 1, y: 0 } });
    expect(drawn).toEqual({ masks: [{ name: '', points: [point, { x: 1, y: 0 }] }], drawing: 0 });
  });

  it('starts another mask after the first is finished', () => {
    const drawn = apply(empty, { type: 'draw', point }, { type: 'finish' }, { type: 'draw', point });
    expect(drawn.masks).toHaveLength(2);
    expect(drawn.drawing).toBe(1);
  });

  it('removes a mask with its last corner', () => {
    const one = apply(empty, { type: 'draw', point });
    expect(apply(one, { type: 'remove-corner', mask: 0, corner: 0 })).toEqual(empty);
    expect(
      apply({ masks: [mask], drawing: null }, { type: 'remove-corner', mask: 0, corner: 1 }).masks[0]?.points,
    ).toHaveLength(3);
  });

  it('renames, moves and removes without touching the other masks', () => {
    const two = { masks: [mask, { ...mask, name: 'door' }], drawing: null };
    expect(apply(two, { type: 'rename', mask: 1, name: 'shed' }).masks.map(({ name }) => name)).toEqual([
      'gate',
      'shed',
    ]);
    const moved = apply(two, { type: 'move-corner', mask: 0, corner: 2, to: { x: 1, y: 1 } });
    expect(moved.masks[0]?.points[2]).toEqual({ x: 1, y: 1 });
    expect(moved.masks[1]).toBe(two.masks[1]);
    expect(apply(two, { type: 'remove', mask: 0 }).masks).toEqual([two.masks[1]]);
  });

  it('draws no mask that the form has removed meanwhile', () => {
    expect(maskBeingDrawn({ masks: [], drawing: 0 })).toBeNull();
    expect(apply({ masks: [], drawing: 3 }, { type: 'draw', point }).drawing).toBe(0);
  });

  it('keeps to its limits and never holds an empty mask, after any actions', () => {
    const index = fc.nat({ max: 20 });
    const action: fc.Arbitrary<MaskAction> = fc.oneof(
      { weight: 6, arbitrary: fc.constant<MaskAction>({ type: 'draw', point }) },
      fc.constant<MaskAction>({ type: 'finish' }),
      fc.constant<MaskAction>({ type: 'add', points: middleBox() }),
      fc.record({ type: fc.constant('remove-corner' as const), mask: index, corner: index }),
      fc.record({
        type: fc.constant('move-corner' as const),
        mask: index,
        corner: index,
        to: fc.constant(point),
      }),
      fc.record({ type: fc.constant('remove' as const), mask: index }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const { masks } = apply(empty, ...actions);
        expect(masks.length).toBeLessThanOrEqual(masksMax);
        for (const { points } of masks) {
          expect(points.length).toBeGreaterThan(0);
          expect(points.length).toBeLessThanOrEqual(maskPointsMax);
        }
      }),
    );
  });
});
