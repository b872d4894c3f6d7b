import { once } from 'node:events';
import { createServer, request as requestHttp } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { laxTlsFor, socketHost } from '../lax-tls.ts';
import type { CameraResolver } from '../network/camera-resolver.ts';
import { hideTls, hostHeaderOf, readGatewayUrl } from './gateway-address.ts';
import { httpConnectionFailure } from './http-failure.ts';

/**
 * A proxy on loopback through which FFmpeg opens an HTTP address. It connects to permitted addresses only, also for the
 * segments and redirects that a playlist leads to, and does the TLS, so that FFmpeg needs no protocol except HTTP.
 */
export type HttpGateway = {
  readonly url: string;
  /** Why the last request failed: FFmpeg sees a status only. Null if it has not failed. */
  failure(): RunFailure | null;
  /** Resolves when an address is refused: FFmpeg would request it again and again. */
  readonly refused: Promise<RunFailure>;
  close(): Promise<void>;
};

const playlistMaxBytes = 4 * 1024 * 1024;
const connectionsMax = 16;
/** Longer than the timeout of FFmpeg, which reports it. */
const silenceMaxMs = 20_000;
/** FFmpeg reports it as an error of the request. */
const refusedStatus = 421;

/** Headers of one connection (RFC 9110, 7.6.1), and those that a rewritten playlist no longer matches. */
const connectionHeaders = ['connection', 'proxy-connection', 'proxy-authorization', 'keep-alive', 'te'];
const bodyHeaders = ['transfer-encoding', 'content-length', 'content-encoding', 'etag'];

export async function startHttpGateway(resolver: CameraResolver): Promise<HttpGateway> {
  const lifetime = new AbortController();
  const refused = Promise.withResolvers<RunFailure>();
  let failure: RunFailure | null = null;
  const server = createServer((request, response) => {
    const onAnswer = () => {
      if (failure?.kind !== 'AddressRefused') failure = null;
    };
    forward(request, response, { resolver, signal: lifetime.signal, onAnswer }).catch((error: unknown) => {
      // FFmpeg has closed the request.
      if (response.destroyed || response.headersSent) return void response.destroy();
      const reason = httpConnectionFailure(error);
      onAnswer();
      failure ??= reason;
      if (reason.kind === 'AddressRefused') refused.resolve(reason);
      response.writeHead(reason.kind === 'AddressRefused' ? refusedStatus : 502).end();
    });
  });
  server.maxConnections = connectionsMax;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    failure: () => failure,
    refused: refused.promise,
    async close() {
      lifetime.abort();
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { resolver, signal, onAnswer }: { resolver: CameraResolver; signal: AbortSignal; onAnswer(): void },
): Promise<void> {
  const target = readGatewayUrl(request.url ?? '');
  if (target === null || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response.writeHead(400).end();
    return;
  }
  const { host, port, path, secure } = target;
  const name = socketHost(host);
  const { lookup } = await resolver.resolve(name, port, signal);
  const upstream = (secure ? requestHttps : requestHttp)({
    ...{ host: name, port, path, lookup, signal, method: request.method, insecureHTTPParser: true },
    // FFmpeg keeps its connection to the gateway; that to the camera is not kept.
    agent: false,
    ...(secure ? laxTlsFor(name) : {}),
    timeout: silenceMaxMs,
    headers: { ...without(request.headers, connectionHeaders), host: hostHeaderOf(target) },
  });
  upstream.on('timeout', () => upstream.destroy(new RunFailure('TimedOut', 'The camera did not answer.')));
  response.on('close', () => upstream.destroy());
  upstream.end();
  const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
  onAnswer();
  await pass(answer, response);
}

async function pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = without(answer.headers, connectionHeaders);
  const status = answer.statusCode ?? 502;
  if (headers.location !== undefined) headers.location = hideTls(headers.location);
  const chunks = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const start = await readAtLeast(chunks, Buffer.alloc(0), playlistStart.length + byteOrderMark.length);
  if (!isPlaylist(start)) {
    response.writeHead(status, headers);
    return pipeline(rejoin(start, chunks), response);
  }
  const text = (await readAtLeast(chunks, start, playlistMaxBytes + 1)).toString('latin1');
  if (text.length > playlistMaxBytes) {
    throw new RunFailure(
      'InvalidData',
      `The camera sends a playlist of more than ${playlistMaxBytes} bytes.`,
    );
  }
  const body = Buffer.from(hideTls(text), 'latin1');
  response.writeHead(status, { ...without(headers, bodyHeaders), 'content-length': body.length }).end(body);
}

const playlistStart = '#EXTM3U';
const byteOrderMark = '\u00ef\u00bb\u00bf';

function isPlaylist(start: Buffer): boolean {
  const text = start.toString('latin1');
  return text.startsWith(playlistStart) || text.startsWith(byteOrderMark + playlistStart);
}

/** Adds chunks to `start` until there are as many bytes, or the response ends. */
async function readAtLeast(chunks: AsyncIterator<Buffer>, start: Buffer, bytes: number): Promise<Buffer> {
  const read = [start];
  for (let count = start.length; count < bytes; count += read.at(-1)?.length ?? 0) {
    const next = await chunks.next();
    if (next.done === true) break;
    read.push(next.value);
  }
  return Buffer.concat(read);
}

async function* rejoin(start: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
