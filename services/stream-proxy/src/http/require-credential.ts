import { CamplaneError } from '@camplane/contracts/problem';
import { equalText } from '@camplane/runtime/equal-text';
import { bearerCredential } from '@camplane/service-kit/bearer-credential';
import type { IncomingMessage } from 'node:http';

/**
 * Admits control-api alone, which has decided about the viewer and presents the shared secret.
 *
 * @throws CamplaneError `unauthenticated`
 */
export function requireCredential({ headers }: Pick<IncomingMessage, 'headers'>, secret: string): void {
  if (equalText(bearerCredential(headers) ?? '', secret)) return;
  throw new CamplaneError(
    'unauthenticated',
    'stream-proxy is called by control-api alone, with STREAM_PROXY_SECRET: use the address of the API',
  );
}
