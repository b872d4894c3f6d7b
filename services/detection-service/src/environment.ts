import { availableParallelism } from 'node:os';
import { busVariables } from '@camplane/event-bus/open-bus';
import { defineEnvironment } from '@camplane/service-kit/environment';
import {
  durationMsValue,
  integerValue,
  portValue,
  textValue,
} from '@camplane/service-kit/environment-values';
import { detectorVariables } from './detector-settings.ts';
import { frameAgeMaxMs } from './frames/frame-age.ts';

export const environment = defineEnvironment('detection-service', {
  ...busVariables,
  ...detectorVariables,
  DETECTION_SERVICE_HOST: {
    schema: textValue(255),
    default: '127.0.0.1',
    description:
      'Address that detection-service listens on. It has no access control of its own: keep it inside.',
  },
  DETECTION_SERVICE_PORT: {
    schema: portValue,
    default: '9101',
    description: 'Port of detection-service: `POST /detect`, health and metrics.',
  },
  DETECTION_WORKERS: {
    schema: integerValue(1, 64).optional(),
    description: 'Worker threads that look at pictures; as many as processors where not set.',
    example: '2',
  },
  DETECTION_FRAME_MAX_AGE: {
    schema: durationMsValue(100, 600_000),
    default: `${frameAgeMaxMs}ms`,
    description:
      'Frames older than this are skipped: a late detection is worth less than a current one. More of it keeps detections of frames that waited, for example while workers were few.',
  },
});

/** Worker threads where nothing is said. */
export function defaultWorkers(): number {
  return availableParallelism();
}
