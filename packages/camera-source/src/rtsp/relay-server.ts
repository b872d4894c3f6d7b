import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { formatAnswer } from './rtsp-message.ts';
import type { RtspRequest } from './rtsp-message.ts';
import type { RelayOutput } from './relay-output.ts';
import { createStreamParser } from './stream-parser.ts';

export type RelayServer = {
  readonly url: string;
  /** Ends the stream of the reader, since the camera has ended. */
  endReader(): void;
  close(): Promise<void>;
};

const sessionTimeoutS = 60;
const sessionId = '1';

/**
 * An RTSP server (RFC 2326) on loopback for one reader at a time, at a secret path. Track N is on the interleaved
 * channels 2N and 2N + 1.
 */
export async function startRelayServer(options: {
  /** Called at each DESCRIBE. */
  description(): string;
  output: RelayOutput;
}): Promise<RelayServer> {
  const { output } = options;
  const secret = randomBytes(16).toString('hex');
  let client: Socket | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (client) return void socket.destroy();
    client = socket;
    socket.setNoDelay();
    serve(socket);
    socket.on('close', () => {
      output.detach();
      client = undefined;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const url = `rtsp://127.0.0.1:${address.port}/${secret}`;

  function serve(socket: Socket): void {
    const parser = createStreamParser({
      // Receiver reports of FFmpeg are not needed.
      onFrame: () => undefined,
      onAnswer: () => undefined,
      onRequest: (request) => {
        socket.write(answer(request));
        if (request.method === 'PLAY' && isOurs(request)) output.attach(socket);
        if (request.method === 'TEARDOWN') socket.end();
      },
      onGarbage: () => socket.destroy(),
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch {
        socket.destroy();
      }
    });
  }

  function isOurs({ uri }: RtspRequest): boolean {
    return uri === url || uri.startsWith(`${url}/`);
  }

  function answer(request: RtspRequest): string {
    const header = { CSeq: request.headers.get('cseq')?.[0] };
    const withSession = { ...header, Session: `${sessionId};timeout=${sessionTimeoutS}` };
    if (!isOurs(request)) return formatAnswer(404, 'Not Found', header);
    switch (request.method) {
      case 'OPTIONS':
        return formatAnswer(200, 'OK', {
          ...header,
          Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER',
        });
      case 'DESCRIBE':
        return formatAnswer(
          200,
          'OK',
          { ...header, 'Content-Base': `${url}/`, 'Content-Type': 'application/sdp' },
          options.description(),
        );
      case 'SETUP': {
        const track = /\/track([01])$/.exec(request.uri)?.[1];
        if (track === undefined) return formatAnswer(404, 'Not Found', header);
        if (!/TCP/i.test(request.headers.get('transport')?.[0] ?? '')) {
          return formatAnswer(461, 'Unsupported Transport', header);
        }
        const channel = 2 * Number(track);
        const transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
        return formatAnswer(200, 'OK', { ...withSession, Transport: transport });
      }
      case 'PLAY':
      case 'GET_PARAMETER':
      case 'TEARDOWN':
        return formatAnswer(200, 'OK', withSession);
      default:
        return formatAnswer(501, 'Not Implemented', header);
    }
  }

  return {
    url,
    endReader: () => client?.end(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      client?.destroy();
      await closed;
    },
  };
}
