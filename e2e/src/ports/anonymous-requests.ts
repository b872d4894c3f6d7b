import { createSocket } from 'node:dgram';
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a port answered to a caller without credentials. `text`: headers and body. */
export type Answer = { asked: string; status: number; text: string };
export type Address = { host: string; port: number };

const silenceMs = 300;
const textMaxLength = 20_000;

type HttpRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
};

/**
 * `METHOD path`, with headers and a body. Redirects to the same server are followed with their cookies, so that the
 * answer is the last one. An upgrade that is accepted answers 101.
 */
export async function askHttp(
  address: Address,
  [method = 'GET', path = '/']: string[],
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  let answer = await sendHttp(address, { method, path, headers, body });
  for (let redirects = 0; redirects < 3 && answer.location?.startsWith('/'); redirects += 1) {
    const cookie = answer.cookies.map((each) => each.split(';', 1)[0]).join('; ');
    answer = await sendHttp(address, {
      method,
      path: answer.location,
      headers: { ...headers, cookie },
      body,
    });
  }
  return { asked: `${method} ${path}`, status: answer.status, text: answer.text };
}

async function sendHttp({ host, port }: Address, { method, path, headers, body }: HttpRequest) {
  const request = requestHttp({ host, port, method, path, headers, agent: false, timeout: 5_000 });
  request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path}`)));
  request.end(body);
  const response = await new Promise<IncomingMessage | null>((resolve) => {
    // A connection that is closed without an answer is a refusal, too.
    request
      .once('response', resolve)
      .once('upgrade', resolve)
      .once('error', () => resolve(null));
  });
  let text = JSON.stringify(response?.headers ?? {});
  if (response !== null && response.statusCode !== 101) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (text.length > textMaxLength) break;
    }
  }
  request.destroy();
  const { location, 'set-cookie': cookies = [] } = response?.headers ?? {};
  return { status: response?.statusCode ?? 0, text, location, cookies };
}

/** An upgrade to a WebSocket (RFC 6455, 4.1). */
export function askUpgrade(address: Address, path: string, protocol?: string): Promise<Answer> {
  const headers: Record<string, string> = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ...{ 'sec-websocket-key': Buffer.from('a key of sweeps.').toString('base64') },
    ...(protocol === undefined ? {} : { 'sec-websocket-protocol': protocol }),
  };
  return askHttp(address, ['GET', path], { headers });
}

/** One RTSP request (RFC 2326) on a new connection. */
export async function askRtsp(address: Address, method: string, path: string, headers = ''): Promise<Answer> {
  const url = `rtsp://${address.host}:${address.port}${path}`;
  const text = await exchange(address, `${method} ${url} RTSP/1.0\r\nCSeq: 1\r\n${headers}\r\n`);
  return { asked: `${method} ${path}`, status: Number(/^RTSP\/1\.0 (\d+)/.exec(text)?.[1] ?? 0), text };
}

/** Sends bytes and returns the answer, until the peer closes or is silent. */
export async function exchange({ host, port }: Address, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, host);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(bytes);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const answered = new Promise((resolve) => socket.once('data', resolve));
  // An answer may follow a refusal's delay; silence is an answer, too.
  await Promise.race([closed, answered.then(() => delay(silenceMs)), delay(10 * silenceMs)]);
  socket.destroy();
  return text;
}

/** Sends a datagram and returns the answer, '' for none. */
export async function sendDatagram({ host, port }: Address, bytes: Buffer): Promise<string> {
  const socket = createSocket('udp4');
  let text = '';
  socket.on('message', (message) => (text += message.toString('latin1')));
  socket.send(bytes, port, host);
  await delay(silenceMs);
  socket.close();
  return text;
}
