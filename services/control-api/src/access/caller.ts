import type { IncomingMessage } from 'node:http';

const userAgentMaxLength = 200;

/** Where a request comes from. */
export type Caller = { address: string; userAgent: string };

export function callerOf({ socket, headers }: IncomingMessage): Caller {
  return {
    address: addressOf(socket.remoteAddress),
    userAgent: (headers['user-agent'] ?? '').slice(0, userAgentMaxLength),
  };
}

/** The address of the connection. Forwarding headers can be forged and are ignored. */
export function addressOf(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
