import { describe, expect, it } from '@jest/globals';
import { applyDemand, hasDemand, noDemand } from './viewer-demand.ts';
import type { DemandEvent, ViewerDemand } from './viewer-demand.ts';

const onDemand = applyDemand(noDemand, { type: 'configured', mode: 'OnDemand', idleMs: 30_000 }, 0);

function after(events: [number, DemandEvent][], start: ViewerDemand = onDemand): ViewerDemand {
  return events.reduce((demand, [at, event]) => applyDemand(demand, event, at), start);
}

describe('viewer demand', () => {
  it('does not exist for an on-demand stream without viewers', () => {
    expect(hasDemand(onDemand, 0)).toBe(false);
  });

  it('starts when a reader arrives', () => {
    expect(hasDemand(after([[1000, { type: 'readerArrived' }]]), 1000)).toBe(true);
  });

  it('ends the idle time after the last viewer left', () => {
    const left = after([
      [0, { type: 'readerArrived' }],
      [1000, { type: 'viewersObserved', viewers: 2 }],
      [50_000, { type: 'viewersObserved', viewers: 1 }],
      [51_000, { type: 'viewersObserved', viewers: 0 }],
      [52_000, { type: 'viewersObserved', viewers: 0 }],
    ]);
    expect(hasDemand(left, 80_999)).toBe(true);
    expect(hasDemand(left, 81_000)).toBe(false);
  });

  it('continues when a viewer returns within the idle time', () => {
    const returned = after([
      [0, { type: 'viewersObserved', viewers: 1 }],
      [1000, { type: 'viewersObserved', viewers: 0 }],
      [29_000, { type: 'readerArrived' }],
      [30_000, { type: 'viewersObserved', viewers: 1 }],
    ]);
    expect(hasDemand(returned, 500_000)).toBe(true);
  });

  it('ends after the idle time since the last HLS request, although the viewer is still listed', () => {
    const asked = (requestedAt: string): DemandEvent => ({
      type: 'viewersObserved',
      viewers: 0,
      hlsRequestedAt: requestedAt,
    });
    const left = after([
      [1000, asked('a')],
      [2000, asked('b')],
      [3000, asked('b')],
      [31_000, asked('b')],
    ]);
    expect(hasDemand(left, 31_999)).toBe(true);
    expect(hasDemand(left, 32_000)).toBe(false);
    // A player may request a playlist only every ten seconds.
    const rare = after([[20_000, asked('c')]], { ...left, idleMs: 1000 });
    expect(hasDemand(rare, 34_000)).toBe(true);
  });

  it('ends if the reader that arrived is never listed', () => {
    expect(hasDemand(after([[0, { type: 'readerArrived' }]]), 30_000)).toBe(false);
  });

  it('ignores viewers if the lifecycle is Always or the camera is disabled', () => {
    const always = applyDemand(onDemand, { type: 'configured', mode: 'Always', idleMs: 30_000 }, 0);
    const never = after([
      [0, { type: 'viewersObserved', viewers: 3 }],
      [0, { type: 'configured', mode: 'Never', idleMs: 30_000 }],
    ]);
    expect(hasDemand(always, 1e9)).toBe(true);
    expect(hasDemand(never, 0)).toBe(false);
  });
});
