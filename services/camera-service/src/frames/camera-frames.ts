import type { CameraConfig, DetectionSettings } from '@camplane/contracts/camera';
import type { Frame } from '@camplane/contracts/frame';
import type { FrameRequest, TapSettings } from '@camplane/jpeg-tap/frame-request';
import { createFrameSubscriptions } from '@camplane/jpeg-tap/frame-subscriptions';
import type { FrameSubscriptions } from '@camplane/jpeg-tap/frame-subscriptions';
import type { JpegFrame } from '@camplane/jpeg-tap/jpeg-frame';
import type { DetectionFrames } from '../status/camera-facts.ts';
import { createFrameQueue } from './frame-queue.ts';
import { createLatestFrame } from './latest-frame.ts';

/** The JPEG frames of one camera: the latest one, those for detection, and those of other subscribers. */
export type CameraFrames = Pick<FrameSubscriptions, 'subscribe' | 'tapSettings' | 'deliver'> & {
  /** Subscribes detection as the camera is configured. */
  configure(camera: CameraConfig): void;
  latest(): JpegFrame | null;
  /** Forgets the latest frame: it must not be shown any longer. */
  discard(): void;
  /** Whether the frames for detection were accepted; null while detection is off. */
  detectionFrames(): DetectionFrames | null;
  /** Publishes nothing any longer. */
  stop(): void;
};

export function createCameraFrames(options: {
  fpsMax: number;
  /** Publishes a frame for detection. */
  publish(frame: Frame): Promise<void>;
  onDropped(): void;
  /** The monotonic clock. */
  now(): number;
  /** Called after each change of what the tap has to deliver. */
  onTapSettings(settings: TapSettings | null): void;
}): CameraFrames {
  const latest = createLatestFrame();
  let deliveredMs: number | null = null;
  let refusedMs: number | null = null;
  const queue = createFrameQueue({
    async publish(frame) {
      await options.publish(frame);
      deliveredMs = options.now();
    },
    onDropped() {
      refusedMs = options.now();
      options.onDropped();
    },
  });
  const subscriptions = createFrameSubscriptions({
    fpsMax: options.fpsMax,
    onChange: options.onTapSettings,
  });
  let subscribed = '';
  let unsubscribe = () => {};
  let detection: DetectionSettings | null = null;
  let requested: Pick<DetectionFrames, 'requestedFps' | 'requestedSinceMs'> | null = null;

  return {
    ...subscriptions,
    deliver(frame) {
      latest.put(frame);
      subscriptions.deliver(frame);
    },
    configure({ spec }) {
      detection = spec.detection;
      const request = detectionRequest(spec);
      const key = JSON.stringify(request);
      if (key === subscribed) return;
      subscribed = key;
      const requestedFps = Math.min(options.fpsMax, request?.fps ?? 0);
      requested = request && { requestedFps, requestedSinceMs: options.now() };
      const unsubscribeOld = unsubscribe;
      unsubscribe = request
        ? subscriptions.subscribe(request, (frame) => {
            if (detection) queue.offer({ ...frame, detection });
          })
        : () => {};
      unsubscribeOld();
    },
    latest: () => latest.get(),
    discard() {
      latest.clear();
    },
    detectionFrames: () => requested && { ...requested, deliveredMs, refusedMs },
    stop() {
      queue.clear();
    },
  };
}

function detectionRequest({ detection, frames }: CameraConfig['spec']): FrameRequest | null {
  return detection.enabled ? { purpose: 'detection', ...frames, keyFramesOnly: false } : null;
}
