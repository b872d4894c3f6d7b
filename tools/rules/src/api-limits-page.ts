import { cameraLabelsMax } from '@camplane/contracts/camera-labels';
import { operations } from '@camplane/contracts/operations';
import { defaultHttpLimits } from '@camplane/service-kit/http-server';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { code, markdownTable, pageHead } from './markdown-table.ts';

type Limits = Record<
  | 'bodyMaxBytes'
  | 'writesPerMinute'
  | 'probesPerMinute'
  | 'loginsPerMinute'
  | 'probeTimeoutMs'
  | 'snapshotTimeoutMs'
  | 'eventClientsMax'
  | 'liveClientsMax'
  | 'eventMessageMaxBytes'
  | 'eventBacklogMaxBytes',
  number
>;

/** docs/reference/api-limits.md: the limits of the HTTP API with their numbers, from the code that applies them. */
export async function apiLimitsPage(root: string): Promise<string> {
  const file = join(root, 'services', 'control-api', 'src', 'config.ts');
  const { defaultLimits: limits } = (await import(pathToFileURL(file).href)) as { defaultLimits: Limits };
  const http = defaultHttpLimits;
  const rows = [
    ['body of a request', kib(limits.bodyMaxBytes), code('413 body-too-large')],
    ['path and headers', `${kib(http.maxHeaderBytes)}, ${http.maxHeadersCount} headers`, '431'],
    ['time to send the headers', seconds(http.headersTimeoutMs), '408, disconnected'],
    ['time to send a request', seconds(http.requestTimeoutMs), '408, disconnected'],
    ['idle connection', seconds(http.keepAliveTimeoutMs), 'disconnected'],
    ['connections', String(http.maxConnections), 'disconnected'],
    ['changes per minute and client address', String(limits.writesPerMinute), tooMany],
    ['probes per minute and client address', String(limits.probesPerMinute), tooMany],
    ['attempts to sign in per minute and client address', String(limits.loginsPerMinute), tooMany],
    ['page of detections', pageSize('listDetections'), code('400 invalid-query')],
    ['page of the audit log', pageSize('listAudit'), code('400 invalid-query')],
    ['labels of a camera', String(cameraLabelsMax), code('400 invalid-body')],
    ['time of a probe', seconds(limits.probeTimeoutMs), code('503 service-unavailable')],
    ['time of a snapshot', seconds(limits.snapshotTimeoutMs), code('503')],
    [`WebSockets at ${code(operations.followEvents.path)}`, String(limits.eventClientsMax), tooMany],
    [`WebSockets at ${code(operations.followCameras.path)}`, String(limits.liveClientsMax), tooMany],
    ['message of a WebSocket client', kib(limits.eventMessageMaxBytes), 'closed with 1009'],
    ['unread data of a client of events', kib(limits.eventBacklogMaxBytes), 'closed with 1013'],
  ];
  return `${pageHead('Limits of the API', '`services/control-api/src/config.ts` and `packages/service-kit/src/http-server.ts`')}
The client address is that of the connection, or the one that a [trusted proxy](../guide/access.md#behind-a-reverse-proxy) names. IPv6 addresses with the same first 56 bits count as one. 429 has \`Retry-After\`. Failed logins have [further limits](../guide/access.md), and live JPEG has those of [its settings](environment.md) (\`STREAM_*\`). The number of cameras is \`CAMPLANE_MAX_CAMERAS\`.

${markdownTable(['What', 'Limit', 'Beyond it'], rows)}
`;
}

const tooMany = code('429 too-many-requests');
const kib = (bytes: number) => `${bytes / 1024} KiB`;
const seconds = (ms: number) => `${ms / 1000} s`;

function pageSize(id: 'listDetections' | 'listAudit'): string {
  const { properties = {} } = z.toJSONSchema(operations[id].query, { io: 'input' });
  const { minimum, maximum } = properties['limit'] as z.core.JSONSchema.JSONSchema;
  return `${minimum}–${maximum}, ${operations[id].query.parse({}).limit} by default`;
}
