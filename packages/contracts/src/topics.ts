import { cameraStatusSchema } from './camera-status.ts';
import { detectionResultSchema } from './detection.ts';
import { jsonTopic } from './topic.ts';

/** Camera status, on every change and at least every 10 s (R3.3). */
export const cameraStatusTopic = jsonTopic({
  name: 'camplane.camera-status',
  schema: cameraStatusSchema,
  compacted: true,
});

/** Detections. Never dropped; delivered at least once, deduplicated by id in the store. */
export const detectionsTopic = jsonTopic({
  name: 'camplane.detections',
  schema: detectionResultSchema,
  compacted: false,
  retentionMs: 24 * 3600_000,
  maxBytes: 2 * 1024 * 1024,
});

/** Interval of repeated status, and the silence after which a camera counts as unhealthy. */
export const heartbeatIntervalMs = 10_000;
export const heartbeatMissingAfterMs = 30_000;
