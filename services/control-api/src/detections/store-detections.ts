import { deadLetterOf, deadLetterTopic } from '@camplane/contracts/dead-letter';
import type { DetectionResult } from '@camplane/contracts/detection';
import { detectionsTopic } from '@camplane/contracts/topics';
import { RejectedMessage } from '@camplane/event-bus/event-bus';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import type { WallClock } from '@camplane/runtime/clock';
import type { Logger } from '@camplane/service-kit/logging';
import type { ImageStore } from '../detection-images/image-store.ts';
import type { AcceptedResult } from './accepted-result.ts';
import type { DetectionWriter } from './detection-writer.ts';

const group = 'control-api-store';
/** Above the maximum number of cameras, so that no camera waits for another. */
const concurrency = 20_000;

/**
 * Stores every result. The frame is written to disk first, so that results waiting for the database are small.
 *
 * With a broker, a message is acknowledged once it is stored: a crash loses none. The bus in memory does not survive a
 * crash, and delivers one message of a camera at a time: there a message is acknowledged once the writer has it, so that
 * results wait for the database in the writer, without their frames.
 */
export function storeDetections(deps: {
  bus: EventBus;
  busKeepsMessages: boolean;
  writer: DetectionWriter;
  images: Pick<ImageStore, 'keep'>;
  wallClock: WallClock;
  log: Pick<Logger, 'error'>;
}): Promise<Subscription> {
  const { bus, writer, images, log } = deps;

  const accept = async (result: DetectionResult): Promise<AcceptedResult> => {
    await writer.room();
    const { picture, ...rest } = result;
    if (picture === null || rest.detections.length === 0) return { ...rest, imageFile: null };
    const frame = {
      cameraId: rest.cameraId,
      capturedAt: new Date(rest.capturedAt),
      sequence: rest.sequence,
    };
    return { ...rest, imageFile: await images.keep(frame, Buffer.from(picture, 'base64')) };
  };

  /** For a message that is acknowledged already. */
  const sendToDeadLetter = async (result: AcceptedResult, error: unknown): Promise<void> => {
    if (!(error instanceof RejectedMessage)) return; // The writer was closed and reports the number of lost results.
    const { imageFile: _imageFile, ...rest } = result;
    log.error(
      { camera: rest.cameraId, reason: error.message },
      'detection rejected, moving it to the dead-letter topic',
    );
    const letter = deadLetterOf(detectionsTopic.encode({ ...rest, picture: null }), {
      topic: detectionsTopic.name,
      group,
      reason: 'rejected',
      message: error.message,
      attempts: 1,
      at: deps.wallClock.epochMs(),
    });
    await bus.publish(deadLetterTopic, result.cameraId, letter).catch((failure: unknown) => {
      log.error({ err: failure }, 'dead letter not sent');
    });
  };

  return bus.subscribe(detectionsTopic, { group, concurrency }, async ({ value }) => {
    const result = await accept(value);
    const stored = writer.add(result);
    if (deps.busKeepsMessages) return stored;
    void stored.catch((error: unknown) => sendToDeadLetter(result, error));
  });
}
