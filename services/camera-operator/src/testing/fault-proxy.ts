import { createServer, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A recorded request, to compare with the rules of a role. */
export type SeenRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  accept: string;
  status: number | null;
};

/** Cuts the connection before a write arrives, or after it but before the response. */
export type Cut = { write: number; when: 'before' | 'after' };

export type FaultProxy = {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Writes since the last `cutAt`, without those of the lease. */
  writes(): number;
  /** Cuts every connection from the given write on (1 is the next), as if the client were killed there. */
  cutAt(cut: Cut | null): void;
  /** Blocks everything until the next `cutAt`. */
  cutOff(): void;
  /** Whether the write of `cutAt` has arrived. */
  readonly isCut: boolean;
  /** Closes all open connections. */
  closeConnections(): void;
  close(): Promise<void>;
};

/** An HTTP proxy in front of an API server that records requests and cuts connections. */
export async function startFaultProxy(upstream: {
  url: string;
  certificateAuthority: string;
}): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let cut: Cut | null = null;
  let writes = 0;
  let isCut = false;

  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    if (isCut) return void incoming.socket.destroy();
    const outcome = outcomeOf(incoming);
    if (outcome === 'before') return void breakOff();
    forward(incoming, outgoing, outcome === 'after');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });

  function outcomeOf({ method, url = '' }: IncomingMessage): Cut['when'] | null {
    if (method === 'GET' || url.includes('/leases')) return null;
    writes += 1;
    return cut !== null && writes === cut.write ? cut.when : null;
  }

  function breakOff(): void {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, isCutAfter: boolean): void {
    const { method = 'GET', url = '', headers } = incoming;
    const target = new URL(url, upstream.url);
    const entry: SeenRequest = {
      ...{ method, path: target.pathname, query: target.searchParams, accept: headers.accept ?? '' },
      status: null,
    };
    seen.push(entry);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { method, headers: { ...headers, host: target.host }, ca: upstream.certificateAuthority };
    const forwarded: ClientRequest = send(target, options, (answer) => {
      entry.status = answer.statusCode ?? null;
      if (isCutAfter) {
        answer.resume();
        breakOff();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch without events has no body that would send the headers.
      outgoing.flushHeaders();
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => incoming.socket.destroy());
    // Close both sides of a watch.
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    writes: () => writes,
    cutAt(next) {
      cut = next;
      writes = 0;
      isCut = false;
    },
    cutOff: breakOff,
    get isCut() {
      return isCut;
    },
    closeConnections: () => sockets.forEach((socket) => socket.destroy()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
