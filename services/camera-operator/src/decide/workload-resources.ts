import type { VideoMode } from '@camplane/contracts/camera';

type Amounts = { cpu: string; memory: string };
export type ContainerResources = { requests: Amounts; limits: Amounts };

/**
 * Resources per video mode (CPU: docs/reference/measurements.md). Requests are the use of one camera with frames for
 * detection. Limits leave room for the start, with its probe and slates, and for frames four times as large. Measured
 * memory of all processes of a camera-service at 1080p25 (PSS, 40 s, 2026-11-21): 168, 213 and 346 MiB.
 */
const byMode: Readonly<Record<VideoMode, ContainerResources>> = {
  // 720p30 with one key frame decoded per second: 2 % of a core.
  copy: { requests: { cpu: '50m', memory: '192Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  // 720p15: 10 % of a core; 1080p30 more than four times that.
  transcode: { requests: { cpu: '400m', memory: '256Mi' }, limits: { cpu: '4', memory: '1Gi' } },
  // 720p15 with boxes: 17 % of a core, because raw frames pass through Node.js.
  overlay: { requests: { cpu: '600m', memory: '384Mi' }, limits: { cpu: '4', memory: '1Gi' } },
};

export function cameraServiceResources(mode: VideoMode): ContainerResources {
  return byMode[mode];
}

/** MediaMTX with a hundred cameras uses 17 % of a core and 89 MiB; this one has one camera and few readers. */
export const mediaServerResources: ContainerResources = {
  requests: { cpu: '10m', memory: '48Mi' },
  limits: { cpu: '500m', memory: '256Mi' },
};
