import type { VideoMode } from '@camplane/contracts/camera';

type Amounts = { cpu: string; memory: string };
export type ContainerResources = { requests: Amounts; limits: Amounts };

/**
 * What a camera is given, by what is done with its video (docs/reference/measurements.md for the processor). Requests
 * are what one camera takes with frames for detection: scheduling goes by them. Limits leave room for the start, when
 * the source is looked at and slates are drawn, and for pictures four times as large. Memory was measured of all
 * processes of one camera-service at 1080p25 (PSS, 40 s, 2026-11-21): 168, 213 and 346 MiB.
 */
const ofCameraService: Readonly<Record<VideoMode, ContainerResources>> = {
  // Copying 720p30 with a key frame a second decoded: 2 % of a core.
  copy: { requests: { cpu: '50m', memory: '192Mi' }, limits: { cpu: '1', memory: '512Mi' } },
  // Decoding and encoding 720p15: 10 % of a core; 1080p30 is more than four times that.
  transcode: { requests: { cpu: '400m', memory: '256Mi' }, limits: { cpu: '4', memory: '1Gi' } },
  // 720p15 with boxes: 17 % of a core; uncompressed frames pass through Node.js.
  overlay: { requests: { cpu: '600m', memory: '384Mi' }, limits: { cpu: '4', memory: '1Gi' } },
};

export function cameraServiceResources(mode: VideoMode): ContainerResources {
  return ofCameraService[mode];
}

/** A MediaMTX with a hundred cameras takes 17 % of a core and 89 MiB; this one has one, and the edge for a reader. */
export const mediaServerResources: ContainerResources = {
  requests: { cpu: '10m', memory: '48Mi' },
  limits: { cpu: '500m', memory: '256Mi' },
};
