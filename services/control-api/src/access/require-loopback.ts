import { StartupError } from '@camplane/service-kit/startup-error';
import { BlockList, isIP } from 'node:net';

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

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a listen address is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
