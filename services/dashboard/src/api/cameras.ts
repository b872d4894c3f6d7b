import type { OperationInput } from '@camplane/api-client/operation-url';
import { operationUrl } from '@camplane/api-client/operation-url';
import type { Camera, ProbeResult } from '@camplane/contracts/camera-http';
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

export function readCamera(id: string, signal?: AbortSignal): Promise<Camera> {
  return api.readCamera({ id }, optional(signal));
}

export function createCamera(body: CreateCameraBody): Promise<Camera> {
  return api.createCamera({ body });
}

export function replaceCamera(id: string, body: CameraBody): Promise<Camera> {
  return api.replaceCamera({ id, body });
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

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
