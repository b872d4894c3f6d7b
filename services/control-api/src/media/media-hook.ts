import type { RequestListener } from 'node:http';
import { withAuthHook } from '@camplane/mediamtx/auth-hook-listener';
import type { AuthHookDeps } from '@camplane/mediamtx/auth-hook-listener';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';

/**
 * The auth hook of edges, on a separate port that only edges reach. It admits readers, and Camplane to the edge's
 * control API. Publishers are refused.
 */
export function mediaHook(deps: {
  gate: ReaderGate;
  apiPassword: string | null;
  log: AuthHookDeps['log'];
}): RequestListener {
  const { gate, apiPassword, log } = deps;
  const rules = {
    // The gate knows the cameras.
    isKnownPath: () => true,
    apiCredentials: apiPassword === null ? null : { username: 'camplane', password: apiPassword },
    passes: { accepts: () => false },
    gate,
  };
  return withAuthHook({ rules, log }, (_request, response) => response.writeHead(404).end());
}
