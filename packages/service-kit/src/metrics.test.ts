import { describe, expect, it } from '@jest/globals';
import { metricNameProblem } from './metric-name.ts';
import type { MetricKind } from './metric-name.ts';
import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('have the label service and include process metrics', async () => {
    const metrics = createMetrics('camera-service');
    const frames = metrics.counter({
      name: 'camplane_frames_total',
      help: 'Frames.',
      labelNames: ['camera'],
    });
    frames.inc({ camera: 'front-door' }, 3);
    const text = await metrics.registry.metrics();
    expect(text).toContain('camplane_frames_total{camera="front-door",service="camera-service"} 3');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('of two services in one process are separate', async () => {
    const [a, b] = [
      createMetrics('a', { processMetrics: false }),
      createMetrics('b', { processMetrics: false }),
    ];
    a.gauge({ name: 'camplane_camera_up', help: 'Up.' }).set(1);
    b.gauge({ name: 'camplane_camera_up', help: 'Up.' }).set(0);
    expect(await a.registry.metrics()).toContain('camplane_camera_up{service="a"} 1');
    expect(await b.registry.metrics()).toContain('camplane_camera_up{service="b"} 0');
  });

  it('reject an invalid name', () => {
    const metrics = createMetrics('a', { processMetrics: false });
    expect(() => metrics.counter({ name: 'camplane_frames', help: '' })).toThrow('metric camplane_frames');
  });

  it.each<[string, MetricKind]>([
    ['camplane_frames_total', 'counter'],
    ['camplane_ffmpeg_restarts_total', 'counter'],
    ['camplane_camera_up', 'gauge'],
    ['camplane_camera_viewers', 'gauge'],
    ['camplane_first_frame_seconds', 'histogram'],
    ['camplane_frame_size_bytes', 'histogram'],
  ])('accept %s for a %s', (name, kind) => {
    expect(metricNameProblem(name, kind)).toBeUndefined();
  });

  it.each<[string, MetricKind]>([
    ['frames_total', 'counter'],
    ['camplane_total', 'counter'],
    ['camplane_frames', 'counter'],
    ['camplane_Frames_total', 'counter'],
    ['camplane_camera_total', 'gauge'],
    ['camplane_latency_ms', 'gauge'],
    ['camplane_first_frame', 'histogram'],
  ])('reject %s for a %s', (name, kind) => {
    expect(metricNameProblem(name, kind)).toBeDefined();
  });
});
