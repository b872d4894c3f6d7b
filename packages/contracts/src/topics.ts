import { cameraStatusSchema } from './camera-status.ts';
import { detectionResultSchema } from './detection.ts';
import { jsonTopic } from './topic.ts';

/** Status on every change, and at least every 10 s (R3.3). Compacted: the latest of each camera is kept. */
export const cameraStatusTopic = jsonTopic({
  name: 'camplane.camera-status',
  schema: cameraStatusSchema,
  compacted: true,
});

/** What was found. Never dropped; delivered at least once, and made one by its ids. */
export const detectionsTopic = jsonTopic({
  name: 'camplane.detections',
  schema: detectionResultSchema,
  compacted: false,
  retentionMs: 24 * 3600_000,
  maxBytes: 2 * 1024 * 1024,
});

/** How often a camera's status is repeated though nothing changed, and when its silence means it is unhealthy. */
export const heartbeatIntervalMs = 10_000;
export const heartbeatMissingAfterMs = 30_000;
