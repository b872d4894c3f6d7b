import type { OperationInput } from '@camplane/api-client/operation-url';
import { operationUrl } from '@camplane/api-client/operation-url';
import type { Camera, ProbeResult } from '@camplane/contracts/camera-http';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { api } from './client.ts';

/** A probe connects, reads and decodes before it answers; a stop waits for FFmpeg. */
const probeTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

export type CameraBody = OperationInput<'replaceCamera'>['body'];
export type CreateCameraBody = OperationInput<'createCamera'>['body'];
export type ProbeBody = OperationInput<'probeSource'>['body'];

export async function listCameras(signal?: AbortSignal): Promise<Camera[]> {
  return (await api.listCameras({}, optional(signal))).items;
}

export async function listStatuses(signal?: AbortSignal): Promise<CameraStatus[]> {
  return (await api.listStatus({}, optional(signal))).items;
}

/** A camera with the tag of this version, for `replaceCamera`. */
export async function readCamera(
  id: string,
  signal?: AbortSignal,
): Promise<{ camera: Camera; etag: string | null }> {
  let etag: string | null = null;
  const onHeaders = (headers: Headers) => (etag = headers.get('etag'));
  const camera = await api.readCamera({ id }, { onHeaders, ...optional(signal) });
  return { camera, etag };
}

export function createCamera(body: CreateCameraBody): Promise<Camera> {
  return api.createCamera({ body });
}

/**
 * @param etag of the version that was edited; null overwrites any version
 * @throws ApiError `precondition-failed` if the camera has another version now
 */
export function replaceCamera(id: string, body: CameraBody, etag: string | null): Promise<Camera> {
  return api.replaceCamera({ id, body }, etag === null ? {} : { headers: { 'if-match': etag } });
}

export async function deleteCamera(id: string): Promise<void> {
  await api.deleteCamera({ id }, { timeoutMs: stopTimeoutMs });
}

export function startCamera(id: string): Promise<CameraStatus> {
  return api.startCamera({ id });
}

export function stopCamera(id: string): Promise<CameraStatus> {
  return api.stopCamera({ id }, { timeoutMs: stopTimeoutMs });
}

export function probeSource(body: ProbeBody, signal?: AbortSignal): Promise<ProbeResult> {
  return api.probeSource({ body }, { timeoutMs: probeTimeoutMs, ...optional(signal) });
}

/** The URL of the latest frame of a camera. */
export function snapshotUrl(id: string): string {
  return operationUrl('', 'readSnapshot', { id });
}

/** The WebSocket URL of a camera's live JPEG: in the server's default quality, or `low` for the sub stream. */
export function jpegUrl(id: string, stream: StreamQuality): string {
  const query = stream === 'sub' ? { quality: 'low' } : {};
  return operationUrl(window.location.origin, 'followJpeg', { id, query }).replace(/^http/, 'ws');
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
