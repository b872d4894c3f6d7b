import { startTimeLimit } from '@camplane/kubernetes/time-limit';
import { createServiceFetch } from '@camplane/service-kit/service-fetch';
import type { ServiceFetch } from '@camplane/service-kit/service-fetch';

export type FetchText = (url: string, signal: AbortSignal) => Promise<string>;

/** GETs a URL of a pod with a time and size limit. Throws unless the status is 200. */
export function createFetchText(
  limits: { timeoutMs: number; maxBytes: number },
  send: ServiceFetch = createServiceFetch([]),
): FetchText {
  return async (url, signal) => {
    const limit = startTimeLimit(limits.timeoutMs, signal);
    try {
      const response = await send(url, { signal: limit.signal });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`HTTP status ${response.status}`);
      }
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        bytes += chunk.length;
        if (bytes > limits.maxBytes) throw new Error(`the response exceeds ${limits.maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      limit.end();
    }
  };
}
