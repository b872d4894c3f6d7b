import type { OperationAnswer } from '@camplane/api-client/api-client';
import type { StoredDetection } from '@camplane/contracts/detection';
import { api } from './client.ts';

export type DetectionPage = OperationAnswer<'listDetections'>;

/** Query parameters as text. A list is a repeated parameter. */
export type DetectionParameters = Readonly<Record<string, string | readonly string[]>>;

export function listDetections(query: DetectionParameters, signal?: AbortSignal): Promise<DetectionPage> {
  return api.listDetections({ query }, signal ? { signal } : {});
}

export function readDetection(id: string, signal?: AbortSignal): Promise<StoredDetection> {
  return api.readDetection({ id }, signal ? { signal } : {});
}
