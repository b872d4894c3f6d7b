import { createApiClient } from '@camplane/api-client/api-client';
import { problemSchema } from '@camplane/contracts/problem';
import type { ErrorKind } from '@camplane/contracts/problem';

const listeners = new Set<() => void>();

/** Calls back when an answer shows that the session has ended or that its user may do less than the page assumed. */
export function onRefusal(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const refusals = new Set<string | null>(['unauthenticated', 'forbidden'] satisfies ErrorKind[]);

/** `fetch`, with notice of refusals. A wrong password is not one of them. */
export const apiFetch: typeof globalThis.fetch = async (...request) => {
  const response = await globalThis.fetch(...request);
  if ([401, 403].includes(response.status) && refusals.has(await codeOf(response.clone()))) {
    for (const listener of listeners) listener();
  }
  return response;
};

/** The API on the origin of the page. */
export const api = createApiClient({ baseUrl: '', fetch: apiFetch });

async function codeOf(response: Response): Promise<string | null> {
  try {
    return problemSchema.parse(await response.json()).code;
  } catch {
    return null;
  }
}
