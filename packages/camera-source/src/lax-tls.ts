import { constants } from 'node:crypto';
import { isIP } from 'node:net';

/** Cameras use self-signed certificates for any name, and old ones lack TLS 1.2 and current ciphers. */
const laxTls = {
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
  minDHSize: 512,
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
} as const;

/** TLS options for a connection to a camera. */
export function laxTlsFor(host: string) {
  return { ...laxTls, ...(isIP(host) === 0 ? { servername: host } : {}) };
}

/** The host of a URL as sockets expect it: IPv6 addresses without brackets. */
export function socketHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
