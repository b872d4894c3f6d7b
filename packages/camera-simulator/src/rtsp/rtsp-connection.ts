import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { CameraState } from './deviating-camera.ts';
import type { RtspDeviation, TrackKind } from './deviation.ts';
import { createLoginCheck } from './login-check.ts';
import type { Channel } from './media-sender.ts';
import { sendMedia } from './media-sender.ts';
import { interleavedChannel, udpChannel } from './rtp-channels.ts';
import { createRequestParser } from './rtsp-requests.ts';
import type { RtspRequest } from './rtsp-requests.ts';
import { sessionDescription, trackOf, tracksOf } from './session-description.ts';
import type { Track } from './session-description.ts';
import type { SoundClip } from './sound.ts';
import type { VideoClip } from './video-clip.ts';

export type RtspConnectionOptions = {
  socket: Socket;
  deviation: RtspDeviation;
  video: VideoClip;
  sound: SoundClip | null;
  state: CameraState;
  /** Gets each request with the status of its answer. */
  note(line: string): void;
};

type Answer = { status: number; headers?: readonly string[]; body?: string };

/** Answers the requests of one client in turn, and sends it media from its PLAY on. */
export function serveRtspConnection(options: RtspConnectionOptions): void {
  const { socket, deviation } = options;
  const ended = new AbortController();
  socket.on('close', () => ended.abort());
  if (deviation.speaks === 'hang-up') {
    socket.destroy();
    return;
  }
  if (deviation.speaks === 'garbage') socket.write(randomBytes(4096));
  const connection = createConnection(options, ended.signal);
  let turn: Promise<unknown> = delay(deviation.delays?.firstAnswerMs ?? 0, undefined, {
    signal: ended.signal,
  });
  turn.catch(() => undefined);
  const parse = createRequestParser((request) => {
    turn = turn.then(() => connection(request)).catch(() => socket.destroy());
  });
  socket.on('data', parse);
}

function createConnection(options: RtspConnectionOptions, signal: AbortSignal) {
  const { socket, deviation, video, sound, state, note } = options;
  const tracks = tracksOf(deviation, video, sound);
  const channels = new Map<TrackKind, Channel>();
  const isAllowed = createLoginCheck(deviation.login);
  let keepAlive: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => {
    clearTimeout(keepAlive);
    if (state.owner !== socket) return;
    state.owner = null;
    state.freeFromMs = performance.now() + (deviation.session?.singleFreeAfterMs ?? 0);
  });

  return async (request: RtspRequest): Promise<void> => {
    const { method, uri, headers } = request;
    await delay(delayOf(deviation, method), undefined, { signal });
    clearTimeout(keepAlive);
    if (deviation.speaks === 'nothing') return;
    if (deviation.speaks === 'garbage') return void socket.write(randomBytes(4096));
    if (deviation.speaks === 'http') {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const answer = await answerTo(request);
    note(`${method} ${answer.status}`);
    const isPlay = method === 'PLAY' && answer.status === 200;
    const text = textOf(answer, headers.get('cseq') ?? '0', deviation);
    const early = deviation.transport?.picturesBeforeAnswer;
    if (isPlay && early !== undefined) {
      play();
      await delay((early * 1000) / video.fps, undefined, { signal });
      socket.write(text, 'latin1');
      return;
    }
    socket.write(text, 'latin1');
    if (isPlay) play();
    if (isPlay && deviation.transport?.asksClient === true) {
      socket.write(`OPTIONS ${uri} RTSP/1.0\r\nCSeq: 1\r\nSession: 12345678\r\n\r\n`);
    }
    if (answer.status === 401 && deviation.login?.closes === true) socket.end();
    if (method === 'TEARDOWN') socket.end();
    const { needsKeepAlive = false, timeoutSeconds } = deviation.session ?? {};
    if (needsKeepAlive && channels.size > 0) {
      keepAlive = setTimeout(() => socket.destroy(), (timeoutSeconds ?? 60) * 1000);
    }
  };

  async function answerTo({ method, uri, headers }: RtspRequest): Promise<Answer> {
    const track = method === 'SETUP' ? trackOf(tracks, uri) : undefined;
    const refusal = refusalOf(deviation, state, method, track);
    if (refusal !== null) return { status: refusal };
    const { redirectsTo } = deviation;
    if (redirectsTo !== undefined) return { status: 302, headers: [`Location: ${redirectsTo || uri}`] };
    if (method === 'OPTIONS') {
      return { status: 200, headers: ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER'] };
    }
    const challenges = isAllowed({ method, authorization: headers.get('authorization') });
    if (challenges !== null)
      return { status: 401, headers: challenges.map((text) => `WWW-Authenticate: ${text}`) };
    const isBusy = state.owner !== null ? state.owner !== socket : performance.now() < state.freeFromMs;
    if (deviation.session?.singleFreeAfterMs !== undefined) {
      if (isBusy) return { status: 453 };
      state.owner = socket;
    }
    switch (method) {
      case 'DESCRIBE':
        return describe(deviation, tracks, uri);
      case 'SETUP':
        return track === undefined
          ? { status: 404 }
          : setUp(track, headers.get('transport') ?? '', { socket, deviation, channels, signal });
      case 'PLAY': {
        const info = `RTP-Info: url=${uri};seq=1001`;
        return {
          status: 200,
          headers: [session(deviation), ...(deviation.transport?.withoutRtpInfo === true ? [] : [info])],
        };
      }
      case 'GET_PARAMETER':
      case 'TEARDOWN':
        return { status: 200, headers: [session(deviation)] };
      default:
        return { status: 501 };
    }
  }

  function play(): void {
    const payloadTypeOf = (kind: TrackKind) => tracks.find((track) => track.kind === kind)?.payloadType ?? 0;
    const { endsAfterSeconds } = deviation.session ?? {};
    if (endsAfterSeconds !== undefined) {
      const timer = setTimeout(() => socket.destroy(), endsAfterSeconds * 1000);
      signal.addEventListener('abort', () => clearTimeout(timer));
    }
    sendMedia({
      ...{ deviation, video, sound, clock: state.clock, signal },
      videoPayloadType: payloadTypeOf('video'),
      soundPayloadType: payloadTypeOf('audio'),
      videoChannel: channels.get('video') ?? null,
      soundChannel: channels.get('audio') ?? null,
      garbage: (bytes) => socket.write(bytes),
    }).catch(() => socket.destroy());
  }
}

async function setUp(
  track: Track,
  transport: string,
  connection: {
    socket: Socket;
    deviation: RtspDeviation;
    channels: Map<TrackKind, Channel>;
    signal: AbortSignal;
  },
): Promise<Answer> {
  const { socket, deviation, channels, signal } = connection;
  const { only, channelOffset = 0 } = deviation.transport ?? {};
  const [, interleaved] = /interleaved=(\d+)-/.exec(transport) ?? [];
  const [, first, second] = /client_port=(\d+)-(\d+)/.exec(transport) ?? [];
  if (transport.includes('/TCP') && only !== 'udp') {
    const channel = Number(interleaved ?? 2 * channels.size) + channelOffset;
    channels.set(track.kind, interleavedChannel(socket, channel));
    const answered = `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`;
    return { status: 200, headers: [`Transport: ${answered}`, session(deviation)] };
  }
  if (first !== undefined && second !== undefined && only !== 'tcp') {
    const channel = await udpChannel([Number(first), Number(second)]);
    signal.addEventListener('abort', channel.close);
    channels.set(track.kind, channel);
    const answered = `RTP/AVP;unicast;client_port=${first}-${second};server_port=${channel.ports.join('-')}`;
    return { status: 200, headers: [`Transport: ${answered}`, session(deviation)] };
  }
  return { status: 461 };
}

function delayOf({ delays = {} }: RtspDeviation, method: string): number {
  const { describeMs = 0, setupMs = 0, playMs = 0 } = delays;
  return { DESCRIBE: describeMs, SETUP: setupMs, PLAY: playMs }[method as 'PLAY'] ?? 0;
}

function refusalOf(
  { refusals = [] }: RtspDeviation,
  { refused }: CameraState,
  method: string,
  track: Track | undefined,
): number | null {
  for (const refusal of refusals) {
    if (
      (refusal.method !== '*' && refusal.method !== method) ||
      (refusal.track !== undefined && refusal.track !== track?.kind)
    )
      continue;
    const count = refused.get(refusal) ?? 0;
    if (count >= (refusal.times ?? Infinity)) continue;
    refused.set(refusal, count + 1);
    return refusal.status;
  }
  return null;
}

function describe(deviation: RtspDeviation, tracks: readonly Track[], uri: string): Answer {
  const base = `${uri.replace(/\/$/, '')}/`;
  const { contentBase } = deviation.sdp ?? {};
  const contentBases = {
    none: [],
    'wrong-host': ['Content-Base: rtsp://10.255.255.1:8554/stream1/'],
    given: [`Content-Base: ${base}`],
  };
  return {
    status: 200,
    headers: [...contentBases[contentBase ?? 'given'], 'Content-Type: application/sdp'],
    body: sessionDescription(deviation, tracks, base),
  };
}

function session({ session: { timeoutSeconds = 60 } = {} }: RtspDeviation): string {
  return timeoutSeconds === null ? 'Session: 12345678' : `Session: 12345678;timeout=${timeoutSeconds}`;
}

function textOf({ status, headers = [], body = '' }: Answer, cseq: string, { sdp }: RtspDeviation): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length + (sdp?.contentLengthError ?? 0)}`];
  const lines = [
    `RTSP/1.0 ${status} ${reasons.get(status) ?? 'Refused'}`,
    `CSeq: ${cseq}`,
    ...headers,
    ...length,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const reasons = new Map([
  [200, 'OK'],
  [302, 'Moved Temporarily'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [406, 'Not Acceptable'],
  [453, 'Not Enough Bandwidth'],
  [459, 'Aggregate Operation Not Allowed'],
  [461, 'Unsupported Transport'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
]);
