import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { cameraId, podObject, reportOf, running } from '../decide/testing/camera-world.ts';
import { createReports } from './reports.ts';

function reportsOf(options: { pod?: ReturnType<typeof podObject> | null } = {}) {
  const clock = createSimulatedClock(1_000_000);
  const pods = { list: [options.pod ?? podObject({ ...running, podIP: '10.0.0.7' })] };
  const state = { response: JSON.stringify(reportOf('RUNNING').status), requests: [] as string[] };
  const changes: string[] = [];
  const reports = createReports({
    pods: { podsOf: () => pods.list, cameras: () => [cameraId] },
    fetchText: async (url) => {
      state.requests.push(url);
      if (state.response === '') throw new Error('unreachable');
      return state.response;
    },
    onChange: (camera) => changes.push(camera),
    clock,
    random: () => 0.5,
  });
  const stop = new AbortController();
  const ended = reports.run(stop.signal);
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { reports, state, changes, pods, advance, stop: () => (stop.abort(), ended) };
}

describe('pod reports', () => {
  it('are polled at the pod’s address and reported only on a change', async () => {
    const { reports, state, changes, advance, stop } = reportsOf();
    await advance(500);
    expect(state.requests).toEqual([`http://10.0.0.7:9100/cameras/${cameraId}/status`]);
    expect(reports.get(cameraId)).toMatchObject({ podUid: 'pod-uid', status: { phase: 'RUNNING' } });
    const { status } = reportOf('RUNNING');
    state.response = JSON.stringify({
      ...status,
      uptimeSeconds: 99,
      lastHeartbeat: '2026-11-21T12:00:09.000Z',
    });
    await advance(20_000);
    expect([state.requests.length, changes]).toEqual([3, [cameraId]]);
    state.response = JSON.stringify(reportOf('ERROR').status);
    await advance(10_500);
    expect(changes).toEqual([cameraId, cameraId]);
    await stop();
  });

  it('are polled again soon while a running camera has no frame rate', async () => {
    const { state, changes, advance, stop } = reportsOf();
    const { status } = reportOf('RUNNING');
    const video = { codec: 'h264', width: 1280, height: 720, fps: null };
    state.response = JSON.stringify({ ...status, video });
    await advance(500);
    state.response = JSON.stringify(status);
    await advance(2500);
    expect([state.requests.length, changes]).toEqual([2, [cameraId, cameraId]]);
    await advance(5000);
    expect(state.requests).toHaveLength(2);
    await stop();
  });

  it('are polled twice a second while the camera starts', async () => {
    const { reports, state, pods, advance, stop } = reportsOf();
    const ready = pods.list;
    pods.list = [podObject({ ...running, podIP: '10.0.0.7', conditions: [] })];
    // It does not listen yet.
    state.response = '';
    await advance(2500);
    expect(state.requests.length).toBeGreaterThanOrEqual(3);
    pods.list = ready;
    state.response = JSON.stringify(reportOf('STARTING').status);
    await advance(2500);
    expect(state.requests.length).toBeGreaterThanOrEqual(6);
    state.response = JSON.stringify(reportOf('RUNNING').status);
    await advance(1000);
    expect(reports.get(cameraId)?.status.phase).toBe('RUNNING');
    const { length } = state.requests;
    await advance(5000);
    expect(state.requests).toHaveLength(length);
    await stop();
  });

  it('become outdated when the pod is unreachable, which is a change', async () => {
    const { reports, state, changes, advance, stop } = reportsOf();
    await advance(500);
    state.response = '';
    await advance(30_000);
    expect(reports.get(cameraId)).not.toBeNull();
    await advance(20_000);
    expect([reports.get(cameraId), changes.length]).toEqual([null, 2]);
    await stop();
  });

  it('ignore the response of another camera or service', async () => {
    const { reports, state, advance, stop } = reportsOf();
    state.response = JSON.stringify({ ...reportOf('RUNNING').status, cameraId: 'another' });
    await advance(500);
    expect(reports.get(cameraId)).toBeNull();
    state.response = '<html>';
    await advance(10_500);
    expect(reports.get(cameraId)).toBeNull();
    await stop();
  });

  it('are dropped with the pod, which is no longer polled', async () => {
    const { reports, state, pods, advance, stop } = reportsOf();
    await advance(500);
    pods.list = [];
    reports.poll(cameraId);
    await advance(1_000);
    const count = state.requests.length;
    await advance(30_000);
    expect([reports.get(cameraId), state.requests.length]).toEqual([null, count]);
    await stop();
  });
});
