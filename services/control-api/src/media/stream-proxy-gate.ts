import { parseMediaPath } from '@camplane/contracts/camera-id';
import type { ReaderGate } from '@camplane/mediamtx/reader-gate';
import { createViewPasses } from '@camplane/mediamtx/view-passes';
import type { WallClock } from '@camplane/runtime/clock';

/**
 * Admits stream-proxy with its passes at the edges, and asks `gate` about everybody else. control-api has authorized the
 * viewers of stream-proxy already, and ends their connections when their right ends.
 *
 * @param secret `STREAM_PROXY_SECRET`; undefined: there is no stream-proxy
 */
export function withStreamProxy(
  gate: ReaderGate,
  secret: string | undefined,
  deps: { cameras: { identity(id: string): unknown }; wallClock: WallClock },
): ReaderGate {
  if (secret === undefined) return gate;
  const passes = createViewPasses(secret, deps.wallClock);
  return {
    admit(request) {
      const cameraId = parseMediaPath(request.path)?.cameraId;
      const isKnown = cameraId !== undefined && deps.cameras.identity(cameraId) !== undefined;
      // The gate refuses an invalid pass, and audits it like an invalid API token.
      if (isKnown && passes.accepts(request)) return { allow: true, credentialId: null };
      return gate.admit(request);
    },
  };
}
