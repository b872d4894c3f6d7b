import { serverEventSchema } from '@camplane/contracts/events';
import type { ServerEvent } from '@camplane/contracts/events';
import { once } from 'node:events';
import { WebSocket } from 'ws';

export type DetectionEvent = Extract<ServerEvent, { type: 'detection' }>;

/** A client of the events that keeps what is detected. Every message must be one of the contract's. */
export async function followDetections(
  apiUrl: string,
  query = '',
): Promise<{ detections: DetectionEvent[]; socket: WebSocket; end(): void }> {
  const socket = new WebSocket(`${apiUrl.replace('http', 'ws')}/api/v1/events${query}`);
  const detections: DetectionEvent[] = [];
  socket.on('error', () => {}); // The end of a test.
  socket.on('message', (data: Buffer) => {
    const event = serverEventSchema.parse(JSON.parse(data.toString()));
    if (event.type === 'detection') detections.push(event);
  });
  await once(socket, 'open');
  return { detections, socket, end: () => socket.terminate() };
}
