import { describe, expect, it } from '@jest/globals';
import type { ServerEvent } from '@camplane/contracts/events';
import { sampleEntry, sampleEvent } from '../boxes/sample-detection.ts';
import { initialCameras, needsReload, reduceCameras } from './cameras-state.ts';
import type { CamerasState } from './cameras-state.ts';
import { sampleCamera, sampleStatus } from './sample-camera.ts';

const at = '2026-01-01T00:00:10.000Z';
const loaded: CamerasState = reduceCameras(initialCameras, {
  type: 'loaded',
  cameras: [
    sampleCamera('yard', { displayName: 'Yard 10' }),
    sampleCamera('door', { displayName: 'yard 9' }),
  ],
  statuses: [sampleStatus('yard')],
});

function statusEvent(cameraId: string, generation = 0): ServerEvent {
  const condition = {
    type: 'Ready' as const,
    status: 'True' as const,
    reason: 'FramesFlowing',
    message: '',
    lastTransitionTime: at,
    observedGeneration: generation,
  };
  return {
    type: 'stream:status',
    at,
    cameraId,
    status: sampleStatus(cameraId, { phase: 'ERROR', conditions: [condition] }),
  };
}

describe('the cameras state', () => {
  it('sorts cameras by name, numbers by value', () => {
    expect(loaded.cameras?.map((camera) => camera.id)).toEqual(['door', 'yard']);
  });

  it('takes the status and the server’s clock from an event', () => {
    const state = reduceCameras(loaded, {
      type: 'event',
      event: statusEvent('yard'),
      nowMs: Date.parse(at) - 5000,
    });
    expect(state.statuses.get('yard')?.phase).toBe('ERROR');
    expect(state.clockOffsetMs).toBe(5000);
  });

  it('trusts the event with the shortest transit time', () => {
    const after = (delayMs: number) => ({
      type: 'event' as const,
      event: statusEvent('yard'),
      nowMs: Date.parse(at) + 60_000 + delayMs,
    });
    expect([after(900), after(20), after(3_000)].reduce(reduceCameras, loaded).clockOffsetMs).toBe(-60_020);
    // It follows a clock change after a while.
    const many = Array.from({ length: 8 }, () => after(7_000));
    expect([after(20), ...many].reduce(reduceCameras, loaded).clockOffsetMs).toBe(-67_000);
  });

  it('does not change on a detection', () => {
    const event = sampleEvent(0, [sampleEntry(1)]);
    expect(reduceCameras(loaded, { type: 'event', event, nowMs: 0 })).toBe(loaded);
  });

  it('tracks cameras that are being stopped or deleted', () => {
    const leave = (leaving: boolean) => ({ type: 'leaving', cameraId: 'yard', leaving }) as const;
    const left = reduceCameras(loaded, leave(true));
    expect([...left.leaving]).toEqual(['yard']);
    expect(reduceCameras(left, leave(false)).leaving.size).toBe(0);
    expect(reduceCameras(left, { type: 'removed', cameraId: 'yard' }).leaving.size).toBe(0);
  });

  it('removes a camera and its status', () => {
    const event: ServerEvent = { type: 'stream:removed', at, cameraId: 'yard' };
    const state = reduceCameras(loaded, { type: 'event', event, nowMs: 0 });
    expect(state.cameras?.map((camera) => camera.id)).toEqual(['door']);
    expect(state.statuses.has('yard')).toBe(false);
  });

  it('replaces a saved camera and sorts again', () => {
    const state = reduceCameras(loaded, {
      type: 'saved',
      camera: sampleCamera('yard', { displayName: 'A yard' }),
    });
    expect(state.cameras?.map((camera) => camera.displayName)).toEqual(['A yard', 'yard 9']);
  });

  it('keeps the cameras while the connection is lost', () => {
    const state = reduceCameras(loaded, {
      type: 'connection',
      connection: { kind: 'lost', reason: 'unreachable', nextAttemptMs: null },
    });
    expect(state.cameras).toHaveLength(2);
  });
});

describe('an event', () => {
  it('triggers a reload when it names an unknown camera', () => {
    expect(needsReload(loaded, statusEvent('garden'))).toBe(true);
  });

  it('triggers a reload when it has a newer generation', () => {
    expect(needsReload(loaded, statusEvent('yard', 1))).toBe(true);
  });

  it('does not trigger a reload otherwise', () => {
    expect(needsReload(loaded, statusEvent('yard', 0))).toBe(false);
    expect(needsReload(loaded, { type: 'pong', at })).toBe(false);
    expect(needsReload(initialCameras, statusEvent('yard', 9))).toBe(false);
  });
});
