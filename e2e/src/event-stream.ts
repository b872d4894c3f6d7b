import { serverEventSchema } from '@camplane/contracts/events';
import type { ServerEvent } from '@camplane/contracts/events';

export type DetectionEvent = Extract<ServerEvent, { type: 'detection' }>;

/** Camplane's WebSocket as a client follows it, with the time at which each event came. */
export type EventStream = {
  events(): readonly { event: ServerEvent; receivedAt: number }[];
  /** Detection events of a camera that list something, oldest first. */
  detections(cameraId: string): readonly { event: DetectionEvent; receivedAt: number }[];
  close(): void;
};

const eventsMax = 50_000;

export async function followEvents(url: string): Promise<EventStream> {
  const events: { event: ServerEvent; receivedAt: number }[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/events`);
  socket.addEventListener('message', ({ data }) => {
    if (events.length >= eventsMax) throw new Error('more events than a test should cause');
    events.push({ event: serverEventSchema.parse(JSON.parse(String(data))), receivedAt: Date.now() });
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`${url} takes no WebSocket`)));
  });
  return {
    events: () => events,
    detections: (cameraId) =>
      events.flatMap(({ event, receivedAt }) =>
        event.type === 'detection' && event.cameraId === cameraId && event.detections.length > 0
          ? [{ event, receivedAt }]
          : [],
      ),
    close: () => socket.close(),
  };
}
