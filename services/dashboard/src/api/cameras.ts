import {
  cameraListSchema,
  cameraSchema,
  cameraStatusListSchema,
  probeResultSchema,
} from '@camplane/contracts/camera-http';
import type { Camera, ProbeResult } from '@camplane/contracts/camera-http';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { cameraStatusSchema } from '@camplane/contracts/camera-status';
import type { CameraBody, CreateCameraBody, ProbeBody } from './bodies.ts';
import { call, request } from './request.ts';

const root = '/api/v1/cameras';
/** A probe connects, reads and decodes before it answers; stopping waits for FFmpeg. Both in milliseconds. */
const probeTimeoutMs = 40_000;
const stopTimeoutMs = 20_000;

export async function listCameras(signal?: AbortSignal): Promise<Camera[]> {
  return (await request(root, cameraListSchema, optional(signal))).items;
}

export async function listStatuses(signal?: AbortSignal): Promise<CameraStatus[]> {
  return (await request(`${root}/status/all`, cameraStatusListSchema, optional(signal))).items;
}

export async function readCamera(id: string, signal?: AbortSignal): Promise<Camera> {
  return request(`${root}/${id}`, cameraSchema, optional(signal));
}

export async function createCamera(body: CreateCameraBody): Promise<Camera> {
  return request(root, cameraSchema, { method: 'POST', body });
}

export async function replaceCamera(id: string, body: CameraBody): Promise<Camera> {
  return request(`${root}/${id}`, cameraSchema, { method: 'PUT', body });
}

export async function deleteCamera(id: string): Promise<void> {
  await call(`${root}/${id}`, { method: 'DELETE', timeoutMs: stopTimeoutMs });
}

export async function startCamera(id: string): Promise<CameraStatus> {
  return request(`${root}/${id}/start`, cameraStatusSchema, { method: 'POST' });
}

export async function stopCamera(id: string): Promise<CameraStatus> {
  return request(`${root}/${id}/stop`, cameraStatusSchema, { method: 'POST', timeoutMs: stopTimeoutMs });
}

export async function probeSource(body: ProbeBody, signal?: AbortSignal): Promise<ProbeResult> {
  return request('/api/v1/probe', probeResultSchema, {
    method: 'POST',
    body,
    timeoutMs: probeTimeoutMs,
    ...optional(signal),
  });
}

/** The address of a camera's latest picture. */
export function snapshotUrl(id: string): string {
  return `${root}/${id}/snapshot`;
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
