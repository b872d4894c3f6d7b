import type { RequestListener } from 'node:http';
import { withAuthHook } from '@camplane/mediamtx/auth-hook-listener';
import type { AuthHookDeps } from '@camplane/mediamtx/auth-hook-listener';
import type { HookCallers } from '@camplane/mediamtx/hook-callers';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import type { Refusals } from '@camplane/service-kit/refusals';

/**
 * The auth hook of edges, on a separate port. It admits readers, and Camplane to the edge's
 * control API. Publishers are refused.
 */
export function mediaHook(deps: {
  gate: ReaderGate;
  apiPassword: string | null;
  /** Sent by edges; null: everybody who reaches the port may ask. */
  hookPassword: string | null;
  refusals: Refusals;
  log: AuthHookDeps['log'];
}): RequestListener {
  const { gate, apiPassword, hookPassword, refusals, log } = deps;
  const callers: HookCallers = hookPassword === null ? 'everybody' : { password: hookPassword };
  const rules = {
    // The gate knows the cameras.
    isKnownPath: () => true,
    apiCredentials: apiPassword === null ? null : { username: 'camplane', password: apiPassword },
    passes: { accepts: () => false },
    gate,
  };
  return withAuthHook({ rules, callers, refusals, log }, (_request, response) =>
    response.writeHead(404).end(),
  );
}
