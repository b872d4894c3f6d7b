import type { IncomingMessage } from 'node:http';

const userAgentMaxLength = 200;

/** Where a request comes from. */
export type Caller = { address: string; userAgent: string };

/** Addresses of clients behind trusted proxies; see `trusted-proxies.ts`. */
const clients = new WeakMap<IncomingMessage, string>();

/** To be called before a request is handled. */
export function rememberClient(request: IncomingMessage, address: string): void {
  clients.set(request, address);
}

/** The address of the client, for limits and the audit log. */
export function clientAddressOf(request: IncomingMessage): string {
  return clients.get(request) ?? addressOf(request.socket.remoteAddress);
}

export function callerOf(request: IncomingMessage): Caller {
  return {
    address: clientAddressOf(request),
    userAgent: (request.headers['user-agent'] ?? '').slice(0, userAgentMaxLength),
  };
}

/** An address of IPv4 in its usual form, also if a socket of IPv6 received the connection. */
export function addressOf(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
