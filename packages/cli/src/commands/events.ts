import { createResourceCache } from '@camplane/kubernetes/create-resource-cache';
import { resourceTypes } from '@camplane/kubernetes/kubernetes-object';
import type { KubernetesObject } from '@camplane/kubernetes/kubernetes-object';
import { monotonicClock } from '@camplane/runtime/clock';
import type { Command, CommandContext } from '../command.ts';
import { byTime, isAbout, eventCells, eventHeaders, eventView } from '../event-view.ts';
import type { EventView } from '../event-view.ts';
import { findCamera } from '../find-camera.ts';
import { tableLines } from '../output.ts';

export const eventsCommand: Command = {
  name: 'events',
  usage: 'events [ID]',
  summary: 'Show events of cameras, their pods and Camplane’s components, oldest first',
  details: ['  -f, --follow           keep printing new events'],
  options: { follow: { type: 'boolean', short: 'f' } },
  positionals: { min: 0, max: 1 },
  json: true,
  run: async (context) => {
    const { cluster, positionals, output, note, format, options, now, signal } = context;
    const [id] = positionals;
    const { items } = await cluster.api.list(resourceTypes.event, { namespace: cluster.namespace }, signal);
    const known = items.flatMap((item) => matchingEvent(item, id) ?? []).sort(byTime);
    // A deleted camera may still have events.
    if (id !== undefined && known.length === 0) await findCamera(cluster, id, signal);
    if (format === 'json') {
      if (options['follow'] === true) known.forEach((event) => output.line(JSON.stringify(event)));
      else output.line(JSON.stringify(known, null, 2));
    } else if (known.length > 0) {
      const [head = '', ...rows] = tableLines(
        eventHeaders,
        known.map((event) => eventCells(event, now())),
      );
      output.line(output.tone('heading', head));
      rows.forEach((row) => output.line(row));
    } else {
      note(`No events in namespace ${cluster.namespace}. The cluster keeps events for about an hour.`);
    }
    if (options['follow'] === true) await follow(context, id, new Set(items.map(versionOf)));
    return 0;
  },
};

/** Follows until the signal, across closed watches and API server restarts. */
async function follow(context: CommandContext, id: string | undefined, known: Set<string>): Promise<void> {
  const { cluster, output, note, format, now, signal } = context;
  const cache = createResourceCache({
    api: cluster.api,
    type: resourceTypes.event,
    namespace: cluster.namespace,
    clock: monotonicClock,
    log: {
      info: () => {},
      warn: (fields) => note(`(${String((fields as { reason?: unknown }).reason)}, retrying)`),
    },
  });
  cache.subscribe((name) => {
    const object = cache.get(name);
    if (!object || known.has(versionOf(object))) return;
    known.add(versionOf(object));
    const event = matchingEvent(object, id);
    if (!event) return;
    if (format === 'json') output.line(JSON.stringify(event));
    // Later rows are unknown, so use fixed widths.
    else output.line(followedLine(event, now()));
  });
  await cache.run(signal);
}

function followedLine(event: EventView, nowMs: number): string {
  const [seen = '', type = '', reason = '', object = '', message = ''] = eventCells(event, nowMs);
  return `${seen.padEnd(5)} ${type.padEnd(7)} ${reason.padEnd(18)} ${object.padEnd(28)} ${message}`;
}

function matchingEvent(object: KubernetesObject, id: string | undefined): EventView | undefined {
  const event = eventView(object);
  return event && isAbout(event, id) ? event : undefined;
}

function versionOf({ metadata }: KubernetesObject): string {
  return `${metadata.uid}/${metadata.resourceVersion}`;
}
