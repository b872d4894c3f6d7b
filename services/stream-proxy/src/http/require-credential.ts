import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { Refusals } from '@camplane/service-kit/refusals';
import type { IncomingMessage } from 'node:http';

/**
 * Admits control-api alone, which has decided about the viewer and presents the shared secret.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function requireCredential(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  { secret, refusals }: { secret: string; refusals: Refusals },
): void {
  if (equalText(bearerCredential(request.headers) ?? '', secret)) return;
  refusals.count('streams', request);
  throw new CamplaneError(
    'unauthenticated',
    'stream-proxy is called by control-api alone, with STREAM_PROXY_SECRET: use the address of the API',
  );
}
