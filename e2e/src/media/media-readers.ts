import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Page } from 'playwright-core';
import { waitUntil } from '@camplane/testkit/wait-until';

/** Where a camera's video is, and what a reader presents. */
export type MediaTarget = { rtsp: string; hls: string; webrtc: string };
export type Presented = { ticket?: string; login?: { username: string; token: string } };
export type Protocol = 'rtsp' | 'hls' | 'webrtc';

/**
 * Asks for the description of an RTSP stream as players do: without credentials, then with them. Returns the statuses
 * of both answers.
 */
export async function describeRtsp(target: MediaTarget, login: { username: string; token: string }) {
  const { hostname, port } = new URL(target.rtsp);
  const socket = connect(Number(port), hostname);
  const ask = async (sequence: number, headers: string): Promise<number> => {
    socket.write(`DESCRIBE ${target.rtsp} RTSP/1.0\r\nCSeq: ${sequence}\r\n${headers}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return Number(/^RTSP\/1.0 (\d+)/.exec(answer.toString())?.[1]);
  };
  try {
    const { authorization = '' } = headersOf({ login });
    return [await ask(1, ''), await ask(2, `Authorization: ${authorization}\r\n`)];
  } finally {
    socket.destroy();
  }
}

/** A running reader. */
export type Reader = {
  /** Resolves when the media server has ended it, to `performance.now()`. */
  ended: Promise<number>;
  isReading(): boolean;
  stop(): Promise<void>;
};

/** Whether the media server admits a reader. */
export async function tries(protocol: Protocol, target: MediaTarget, presented: Presented): Promise<boolean> {
  switch (protocol) {
    case 'rtsp': {
      const child = readRtsp(target, presented, ['-frames:v', '1']);
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0 && !errors.includes('401 Unauthorized')) throw new Error(`FFmpeg failed: ${errors}`);
      return code === 0;
    }
    case 'hls':
      return isAdmitted(await fetch(target.hls, { headers: headersOf(presented) }));
    case 'webrtc': {
      const headers = { ...headersOf(presented), 'content-type': 'application/sdp' };
      // MediaMTX decides about the reader before it reads the offer.
      return isAdmitted(await fetch(`${target.webrtc}/whep`, { method: 'POST', headers, body: 'v=0\r\n' }));
    }
  }
}

function isAdmitted({ status }: Response): boolean {
  return status !== 401;
}

export async function startRtspReader(target: MediaTarget, presented: Presented): Promise<Reader> {
  const child = readRtsp(target, presented, ['-progress', 'pipe:1']);
  let frames = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    frames = Number(/frame=(\d+)\s[^]*$/.exec(chunk.toString())?.[1] ?? frames);
  });
  const ended = once(child, 'close').then(() => performance.now());
  await waitUntil(
    () => frames,
    (count) => count > 0,
    { what: 'frames over RTSP', timeoutMs: 20_000 },
  );
  return {
    ended,
    isReading: () => child.exitCode === null,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Reads the media playlist over and over, as a player does. */
export async function startHlsReader(target: MediaTarget, presented: Presented): Promise<Reader> {
  const first = await fetch(target.hls, { headers: headersOf(presented) });
  const playlist = await first.text();
  if (first.status !== 200) throw new Error(`HLS answered ${first.status}: ${playlist}`);
  const line = playlist.split('\n').find((text) => text !== '' && !text.startsWith('#')) ?? '';
  const media = new URL(line, first.url);
  let reading = true;
  const follow = async (): Promise<number> => {
    while (reading) {
      const { status } = await fetch(media);
      if (status !== 200) reading = false;
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return performance.now();
  };
  const ended = follow();
  return {
    ended,
    isReading: () => reading,
    async stop() {
      reading = false;
      await ended;
    },
  };
}

/** Plays over WebRTC in a page of an origin that the media server allows. */
export async function startWebrtcReader(
  page: Page,
  target: MediaTarget,
  presented: Presented,
): Promise<Reader> {
  const authorization = headersOf(presented)['authorization'] ?? '';
  const call = JSON.stringify({ url: `${target.webrtc}/whep`, authorization });
  await page.evaluate(`(${playOverWhep})(${call})`);
  let reading = true;
  const ended = page.waitForFunction('window.whepEnded', undefined, { timeout: 120_000 }).then(
    () => {
      reading = false;
      return performance.now();
    },
    // The page was closed.
    () => performance.now(),
  );
  return { ended, isReading: () => reading, stop: () => page.close() };
}

/** Runs in the page. Sets `whepEnded` once the server has closed the connection. */
const playOverWhep = `async ({ url, authorization }) => {
  const peer = new RTCPeerConnection();
  const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((resolve) => {
    if (peer.iceGatheringState === 'complete') resolve();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
  });
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', authorization },
    body: peer.localDescription.sdp,
  });
  const sdp = await answer.text();
  if (answer.status !== 201) throw new Error('WHEP answered ' + answer.status + ': ' + sdp);
  await peer.setRemoteDescription({ type: 'answer', sdp });
  const arrives = ({ type, bytesReceived }) => type === 'inbound-rtp' && bytesReceived > 0;
  while (![...(await receiver.getStats()).values()].some(arrives)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const check = () => {
    window.whepEnded ||= receiver.transport?.state === 'closed' || /closed|failed/.test(peer.connectionState);
  };
  if (receiver.transport) receiver.transport.onstatechange = check;
  peer.onconnectionstatechange = check;
}`;

function readRtsp(target: MediaTarget, { ticket, login }: Presented, output: string[]) {
  const url = new URL(target.rtsp);
  if (login) [url.username, url.password] = [login.username, login.token];
  if (ticket !== undefined) url.searchParams.set('ticket', ticket);
  return spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', url.href],
      ...['-map', '0:v:0', '-c', 'copy', ...output, '-f', 'null', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

function headersOf({ ticket, login }: Presented): Record<string, string> {
  if (ticket !== undefined) return { authorization: `Bearer ${ticket}` };
  if (!login) return {};
  const text = `${login.username}:${login.token}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
