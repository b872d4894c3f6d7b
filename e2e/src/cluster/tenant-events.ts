import { once } from 'node:events';
import { eventsUrl } from '@camplane/api-client/operation-url';
import { serverEventSchema } from '@camplane/contracts/events';
import { waitUntil } from '@camplane/testkit/wait-until';
import { WebSocket } from 'ws';
import type { Installation } from './tenancy-checks.ts';

export type TenantEvents = {
  /** Waits for a detection event of a camera. */
  waitForDetectionOf(camera: string): Promise<unknown>;
  /** The cameras of all events so far, sorted. */
  cameras(): string[];
  close(): void;
};

/** Follows the events of an installation. @throws if the credentials are refused */
export async function followTenant(
  { origins, apiAddress, ca }: Pick<Installation, 'origins' | 'apiAddress' | 'ca'>,
  { cookie }: { cookie: string },
): Promise<TenantEvents> {
  const url = new URL(eventsUrl(origins.api));
  const { host, hostname } = url;
  url.hostname = apiAddress;
  const socket = new WebSocket(url, {
    headers: { cookie, host },
    ...(ca === undefined ? {} : { ca, servername: hostname }),
  });
  const cameras = new Set<string>();
  const detected = new Set<string>();
  socket.on('message', (data) => {
    const event = serverEventSchema.parse(JSON.parse((data as Buffer).toString('utf8')));
    if (!('cameraId' in event)) return;
    cameras.add(event.cameraId);
    if (event.type === 'detection') detected.add(event.cameraId);
  });
  await once(socket, 'open');
  return {
    waitForDetectionOf: (camera) =>
      waitUntil(
        () => detected.has(camera),
        (isDetected) => isDetected,
        { what: `a detection event of ${camera}`, timeoutMs: 60_000 },
      ),
    cameras: () => [...cameras].toSorted(),
    close: () => socket.close(),
  };
}
