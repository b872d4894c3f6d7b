import { detectionListSchema, storedDetectionSchema } from '@camplane/contracts/detection';
import type { StoredDetection } from '@camplane/contracts/detection';
import { request } from './request.ts';

const root = '/api/v1/detections';

export type DetectionPage = { items: StoredDetection[]; nextCursor: string | null };

/** Parameters as they stand in the address; a list is a parameter said more than once. */
export type DetectionParameters = Readonly<Record<string, string | readonly string[]>>;

export async function listDetections(
  parameters: DetectionParameters,
  signal?: AbortSignal,
): Promise<DetectionPage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : value) query.append(name, one);
  }
  return request(`${root}?${query.toString()}`, detectionListSchema, signal ? { signal } : {});
}

export async function readDetection(id: string, signal?: AbortSignal): Promise<StoredDetection> {
  return request(`${root}/${id}`, storedDetectionSchema, signal ? { signal } : {});
}
