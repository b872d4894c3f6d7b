import { isLoopback } from '@camplane/runtime/loopback';
import { StartupError } from '@camplane/service-kit/startup-error';

/**
 * With `CAMPLANE_AUTH=none`, everybody who reaches an address may do everything, so only this machine may reach it.
 *
 * @throws StartupError naming the variable and the remedy
 */
export function requireLoopback(variable: 'HTTP_HOST' | 'MEDIA_HOST', host: string): void {
  if (isLoopback(host)) return;
  throw new StartupError(
    `with CAMPLANE_AUTH=none, everybody who reaches ${variable}=${host} has full access: ` +
      `set ${variable}=127.0.0.1, or remove CAMPLANE_AUTH=none to require a login`,
  );
}
