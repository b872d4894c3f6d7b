import { isLoopback } from '@camplane/runtime/loopback';
import type { StandaloneEnvironment } from './environment.ts';

/** The addresses beyond loopback at which credentials and video cross the network unencrypted. */
export function plainTextListeners(
  env: Pick<StandaloneEnvironment, 'HTTP_HOST' | 'MEDIA_HOST' | 'TLS_CERT_FILE'>,
): string[] {
  return (['HTTP_HOST', 'MEDIA_HOST'] as const)
    .filter((variable) => variable !== 'HTTP_HOST' || env.TLS_CERT_FILE === undefined)
    .filter((variable) => !isLoopback(env[variable]))
    .map((variable) => `${variable}=${env[variable]}`);
}
