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
/** Cameras whose results are at work at a time: more than there can be. */
const concurrency = 20_000;

/**
 * Takes every result over into the store: its picture to disk first, so that what waits for the database is small.
 *
 * Where the bus keeps messages (a broker), a message is done once it is stored: a process that dies has lost none.
 * The bus in memory dies with the process anyway, and hands out one message of a camera at a time: there a message
 * is done once the writer has it, and what waits for the database waits in the writer, without its picture.
 */
export function keepDetections(deps: {
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
    // Nobody asks for the picture of nothing.
    if (picture === null || rest.detections.length === 0) return { ...rest, picture: null };
    const frame = {
      cameraId: rest.cameraId,
      capturedAt: new Date(rest.capturedAt),
      sequence: rest.sequence,
    };
    return { ...rest, picture: await images.keep(frame, Buffer.from(picture, 'base64')) };
  };

  /** For a message that the bus regards as done. */
  const bury = async (result: AcceptedResult, error: unknown): Promise<void> => {
    if (!(error instanceof RejectedMessage)) return; // The writer was closed, and says how much was left.
    log.error({ cameraId: result.cameraId, reason: error.message }, 'a detection was given up');
    const letter = deadLetterOf(detectionsTopic.encode({ ...result, picture: null }), {
      topic: detectionsTopic.name,
      group,
      reason: 'rejected',
      message: error.message,
      attempts: 1,
      at: deps.wallClock.epochMs(),
    });
    await bus.publish(deadLetterTopic, result.cameraId, letter).catch((failure: unknown) => {
      log.error({ err: failure }, 'a dead letter could not be sent');
    });
  };

  return bus.subscribe(detectionsTopic, { group, concurrency }, async ({ value }) => {
    const result = await accept(value);
    const stored = writer.add(result);
    if (deps.busKeepsMessages) return stored;
    void stored.catch((error: unknown) => bury(result, error));
  });
}
