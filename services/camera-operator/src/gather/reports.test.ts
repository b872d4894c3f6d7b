import { describe, expect, it } from '@jest/globals';
import { createSimulatedClock } from '@camplane/runtime/simulated-clock';
import { cameraId, podObject, reportOf, running } from '../decide/testing/camera-world.ts';
import { createReports } from './reports.ts';

function reportsOf(options: { pod?: ReturnType<typeof podObject> | null } = {}) {
  const clock = createSimulatedClock(1_000_000);
  const pods = { list: [options.pod ?? podObject({ ...running, podIP: '10.0.0.7' })] };
  const state = { answer: JSON.stringify(reportOf('RUNNING').status), asked: [] as string[] };
  const news: string[] = [];
  const reports = createReports({
    pods: { podsOf: () => pods.list, cameras: () => [cameraId] },
    fetchText: async (url) => {
      state.asked.push(url);
      if (state.answer === '') throw new Error('no answer');
      return state.answer;
    },
    onNews: (camera) => news.push(camera),
    clock,
    random: () => 0.5,
  });
  const stop = new AbortController();
  const ended = reports.run(stop.signal);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { reports, state, news, pods, pass, stop: () => (stop.abort(), ended) };
}

describe('reports of cameras’ pods', () => {
  it('are asked for at the address of the pod, again and again, and told once while they say the same', async () => {
    const { reports, state, news, pass, stop } = reportsOf();
    await pass(500);
    expect(state.asked).toEqual([`http://10.0.0.7:9100/cameras/${cameraId}/status`]);
    expect(reports.get(cameraId)).toMatchObject({ podUid: 'pod-uid', status: { phase: 'RUNNING' } });
    const { status } = reportOf('RUNNING');
    state.answer = JSON.stringify({
      ...status,
      uptimeSeconds: 99,
      lastHeartbeat: '2026-11-21T12:00:09.000Z',
    });
    await pass(20_000);
    expect([state.asked.length, news]).toEqual([3, [cameraId]]);
    state.answer = JSON.stringify(reportOf('ERROR').status);
    await pass(10_500);
    expect(news).toEqual([cameraId, cameraId]);
    await stop();
  });

  it('are requested again soon while a running camera does not report its rate', async () => {
    const { state, news, pass, stop } = reportsOf();
    const { status } = reportOf('RUNNING');
    const video = { codec: 'h264', width: 1280, height: 720, fps: null };
    state.answer = JSON.stringify({ ...status, video });
    await pass(500);
    state.answer = JSON.stringify(status);
    await pass(2500);
    expect([state.asked.length, news]).toEqual([2, [cameraId, cameraId]]);
    await pass(5000);
    expect(state.asked).toHaveLength(2);
    await stop();
  });

  it('grow old where the pod does not answer any more, and that is news', async () => {
    const { reports, state, news, pass, stop } = reportsOf();
    await pass(500);
    state.answer = '';
    await pass(30_000);
    expect(reports.get(cameraId)).not.toBeNull();
    await pass(20_000);
    expect([reports.get(cameraId), news.length]).toEqual([null, 2]);
    await stop();
  });

  it('are nothing where the answer is another camera’s, or no answer of camera-service', async () => {
    const { reports, state, pass, stop } = reportsOf();
    state.answer = JSON.stringify({ ...reportOf('RUNNING').status, cameraId: 'another' });
    await pass(500);
    expect(reports.get(cameraId)).toBeNull();
    state.answer = '<html>';
    await pass(10_500);
    expect(reports.get(cameraId)).toBeNull();
    await stop();
  });

  it('are forgotten with the pod, which is asked no more', async () => {
    const { reports, state, pods, pass, stop } = reportsOf();
    await pass(500);
    pods.list = [];
    reports.ask(cameraId);
    await pass(1_000);
    const asked = state.asked.length;
    await pass(30_000);
    expect([reports.get(cameraId), state.asked.length]).toEqual([null, asked]);
    await stop();
  });
});
