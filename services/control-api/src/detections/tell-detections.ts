import { detectionsTopic } from '@camplane/contracts/topics';
import type { EventBus, Subscription } from '@camplane/event-bus/event-bus';
import { randomUUID } from 'node:crypto';
import type { EventServer } from '../events/event-server.ts';
import { createRecentResults } from './recent-results.ts';

const rememberedMax = 10_000;

/**
 * Tells clients of every result as it comes, whether the database is there or not. A group of its own: each
 * replica has clients of its own.
 */
export function tellDetections(bus: EventBus, events: Pick<EventServer, 'tell'>): Promise<Subscription> {
  const recent = createRecentResults(rememberedMax);
  const group = `control-api-live-${randomUUID()}`;
  return bus.subscribe(detectionsTopic, { group }, ({ value }) => {
    if (!recent.isNew(value)) return;
    const { picture: _left, ...result } = value;
    events.tell({ type: 'detection', ...result });
  });
}
