import { describe, expect, it } from '@jest/globals';
import { applyDemand, isWanted, noDemand } from './viewer-demand.ts';
import type { DemandEvent, ViewerDemand } from './viewer-demand.ts';

const onDemand = applyDemand(noDemand, { type: 'configured', mode: 'OnDemand', idleMs: 30_000 }, 0);

function after(events: [number, DemandEvent][], start: ViewerDemand = onDemand): ViewerDemand {
  return events.reduce((demand, [at, event]) => applyDemand(demand, event, at), start);
}

describe('viewer demand', () => {
  it('does not want an on-demand stream that nobody asked for', () => {
    expect(isWanted(onDemand, 0)).toBe(false);
  });

  it('wants it from the moment a reader arrives', () => {
    expect(isWanted(after([[1000, { type: 'readerArrived' }]]), 1000)).toBe(true);
  });

  it('keeps it for the idle time after the last viewer left, and no longer', () => {
    const left = after([
      [0, { type: 'readerArrived' }],
      [1000, { type: 'viewersObserved', viewers: 2 }],
      [50_000, { type: 'viewersObserved', viewers: 1 }],
      [51_000, { type: 'viewersObserved', viewers: 0 }],
      [52_000, { type: 'viewersObserved', viewers: 0 }],
    ]);
    expect(isWanted(left, 80_999)).toBe(true);
    expect(isWanted(left, 81_000)).toBe(false);
  });

  it('lets a viewer who returns in time find it running', () => {
    const returned = after([
      [0, { type: 'viewersObserved', viewers: 1 }],
      [1000, { type: 'viewersObserved', viewers: 0 }],
      [29_000, { type: 'readerArrived' }],
      [30_000, { type: 'viewersObserved', viewers: 1 }],
    ]);
    expect(isWanted(returned, 500_000)).toBe(true);
  });

  it('keeps it for the idle time after the last request over HLS, though the viewer is still listed', () => {
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
    expect(isWanted(left, 31_999)).toBe(true);
    expect(isWanted(left, 32_000)).toBe(false);
    // A player that asks once in ten seconds is there all the same.
    const rare = after([[20_000, asked('c')]], { ...left, idleMs: 1000 });
    expect(isWanted(rare, 34_000)).toBe(true);
  });

  it('stops one whose announced reader never came', () => {
    expect(isWanted(after([[0, { type: 'readerArrived' }]]), 30_000)).toBe(false);
  });

  it('ignores viewers where the lifecycle is Always or the camera is disabled', () => {
    const always = applyDemand(onDemand, { type: 'configured', mode: 'Always', idleMs: 30_000 }, 0);
    const never = after([
      [0, { type: 'viewersObserved', viewers: 3 }],
      [0, { type: 'configured', mode: 'Never', idleMs: 30_000 }],
    ]);
    expect(isWanted(always, 1e9)).toBe(true);
    expect(isWanted(never, 0)).toBe(false);
  });
});
