import { eventsUrl } from '@camplane/api-client/operation-url';
import { serverEventSchema } from '@camplane/contracts/events';
import type { ServerEvent } from '@camplane/contracts/events';

export type DetectionEvent = Extract<ServerEvent, { type: 'detection' }>;
export type Received<E> = { event: E; receivedAt: number };

/** Events received over control-api's WebSocket, with their time of arrival, oldest first. */
export type EventFollower = {
  events(): readonly Received<ServerEvent>[];
  /** All detection events, including empty ones. */
  detections(): DetectionEvent[];
  /** Detection events of a camera that are not empty. */
  detectionsOf(cameraId: string): Received<DetectionEvent>[];
  close(): void;
};

const eventsMax = 50_000;

/**
 * Subscribes to events. Throws for a message that does not match the contract.
 *
 * @param query all cameras by default
 */
export async function followEvents(
  apiUrl: string,
  query: { cameraId?: readonly string[] } = {},
): Promise<EventFollower> {
  const events: Received<ServerEvent>[] = [];
  const socket = new WebSocket(eventsUrl(apiUrl, query));
  socket.addEventListener('message', ({ data }) => {
    if (events.length >= eventsMax) throw new Error('more events than a test should cause');
    events.push({ event: serverEventSchema.parse(JSON.parse(String(data))), receivedAt: Date.now() });
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`${apiUrl} does not accept a WebSocket`)));
  });
  const detections = () =>
    events.filter((received): received is Received<DetectionEvent> => received.event.type === 'detection');
  return {
    events: () => events,
    detections: () => detections().map(({ event }) => event),
    detectionsOf: (cameraId) =>
      detections().filter(({ event }) => event.cameraId === cameraId && event.detections.length > 0),
    close: () => socket.close(),
  };
}
