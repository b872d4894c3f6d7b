import { detectionsTopic } from '@camplane/contracts/topics';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import { randomUUID } from 'node:crypto';
import type { EventServer } from '../events/event-server.ts';
import { createRecentResults } from './recent-results.ts';

const recentMax = 10_000;

/**
 * Sends every result to WebSocket clients as it arrives, also while the database is unavailable. Every replica has its
 * own clients, so each uses its own consumer group.
 */
export function publishDetections(
  bus: EventBus,
  events: Pick<EventServer, 'publish'>,
): Promise<Subscription> {
  const recent = createRecentResults(recentMax);
  const group = `control-api-live-${randomUUID()}`;
  return bus.subscribe(detectionsTopic, { group }, ({ value }) => {
    if (!recent.isNew(value)) return;
    const { picture: _picture, ...result } = value;
    events.publish({ type: 'detection', ...result });
  });
}
