import { cameraSpecSchema } from '@camplane/contracts/camera';
import type { DeadLetterReason } from '@camplane/contracts/dead-letter';
import type { Frame } from '@camplane/contracts/frame';
import { jsonTopic } from '@camplane/contracts/topic';
import type { Topic } from '@camplane/contracts/topic';
import { z } from 'zod';
import type { BusEvent, BusLog, BusMessage, EventBus } from './event-bus.ts';

export type SeenEvent = { event: BusEvent; topic: string; reason?: DeadLetterReason };
export type BusUnderTest = { bus: EventBus; events: SeenEvent[]; logged: object[] };

export type CreateBusUnderTest = (options: {
  log: BusLog;
  onEvent: (event: BusEvent, topic: string, reason?: DeadLetterReason) => void;
  retryDelaysMs: readonly number[];
}) => Promise<EventBus>;

export type Reading = { n: number; tags: string[] };
const readingSchema = z.object({ n: z.number(), tags: z.array(z.string()).default([]) });

let sequence = 0;

/** A separate topic for each test, since a real broker retains messages. */
export function readingsTopic(compacted: boolean): Topic<Reading> {
  sequence += 1;
  return jsonTopic({
    name: `test.${process.pid}.${Date.now()}.${sequence}`,
    schema: readingSchema,
    compacted,
  });
}

export const reading = (n: number): Reading => ({ n, tags: [] });

export const numbers = (messages: BusMessage<Reading>[]) => messages.map((message) => message.value.n);

export function frameOf(jpeg: Uint8Array): Frame {
  const { detection } = cameraSpecSchema.parse({ source: { url: 'test:testsrc' } });
  return { capturedAt: 1_790_000_000_000, sequence: 7, width: 640, height: 360, detection, jpeg };
}

export async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
