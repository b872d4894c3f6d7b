import { onAbort } from '@camplane/runtime/abort';
import { RunFailure } from '@camplane/supervisor/run-failure';
import type { RtspClient } from './rtsp-client.ts';
import { refusalOf } from './rtsp-failure.ts';
import type { LoginState, RequestName } from './rtsp-failure.ts';
import type { RtspAnswer } from './rtsp-message.ts';
import type { DescribedMedia } from './sdp.ts';
import { sessionUris, trackUris } from './track-uri.ts';

/** The even channel of a track; RTCP is on the next one (RFC 2326, 10.12). */
export type TrackChannels = { rtp: number; rtcp: number };

export type CameraPlayback = {
  video: TrackChannels;
  /** Null if sound was not asked for, or the camera refused it. */
  audio: TrackChannels | null;
  /** Throws RunFailure. Frames may arrive before it resolves. */
  play(): Promise<void>;
  /** Sends requests so that the camera does not end the session, until `signal` is aborted. */
  keepAlive(signal: AbortSignal): void;
  /** Ends the session at the camera, or returns after a moment without an answer. */
  teardown(): Promise<void>;
};

export type PlaybackOptions = {
  client: RtspClient;
  uri: string;
  contentBase: string | null;
  sessionControl: string | null;
  video: DescribedMedia;
  audio: DescribedMedia | null;
  signal: AbortSignal;
};

const defaultSessionTimeoutS = 60;
const keepAliveMinMs = 2000;
const keepAliveMaxMs = 30_000;
const soundTimeoutMs = 5000;
const teardownTimeoutMs = 700;

/** Statuses after which another URI for the same request is worth trying. */
const otherUriStatuses = new Set([400, 404, 451, 454, 455, 459, 460]);

/** Sets up the tracks over TCP. Throws RunFailure. */
export async function setUpTracks(options: PlaybackOptions): Promise<CameraPlayback> {
  const { client } = options;
  const session: Session = { id: undefined, timeoutS: defaultSessionTimeoutS };
  const video = await setUp(options, options.video, 0, session);
  if (!video.channels) throw video.refusal;
  client.holdConnection(true);
  const audio = await setUpSound(options, session);
  if (client.connection().isClosed) {
    // The camera closed the connection because of the sound.
    client.holdConnection(false);
    return setUpTracks({ ...options, audio: null });
  }
  const uris = sessionUris({
    ...{ contentBase: options.contentBase, requestUri: options.uri },
    ...{ control: options.sessionControl, trackUri: video.uri },
  });
  let uri = uris[0] ?? options.uri;
  return {
    video: video.channels,
    audio: audio?.channels ?? null,
    play: async () => {
      const played = await requestAny(options, 'PLAY', uris, { Session: session.id, Range: 'npt=0.000-' });
      if (played.answer.status !== 200) throw refusalOf('PLAY', played.answer, played.login);
      uri = played.uri;
    },
    keepAlive: (signal) => keepAlive(client, uri, session, signal),
    teardown: async () => {
      if (client.connection().isClosed) return;
      const signal = AbortSignal.timeout(teardownTimeoutMs);
      await client.request('TEARDOWN', uri, { Session: session.id }, signal).catch(() => undefined);
    },
  };
}

type Session = { id: string | undefined; timeoutS: number };

type SetUpResult =
  { channels: TrackChannels; uri: string } | { channels: null; uri: string; refusal: RunFailure };

async function setUp(
  options: PlaybackOptions,
  media: DescribedMedia,
  channel: number,
  session: Session,
): Promise<SetUpResult> {
  const { contentBase, uri: requestUri } = options;
  const uris = trackUris({ control: media.control, contentBase, requestUri });
  const { answer, login, uri } = await requestAny(options, 'SETUP', uris, {
    Transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    Session: session.id,
  });
  if (answer.status !== 200) return { channels: null, uri, refusal: refusalOf('SETUP', answer, login) };
  readSession(answer, session);
  const transport = answer.headers.get('transport')?.[0] ?? '';
  if (/server_port=/i.test(transport) && !/TCP|interleaved/i.test(transport)) {
    const message = 'The camera set up UDP, although TCP was requested. Choose transport udp.';
    return { channels: null, uri, refusal: new RunFailure('TransportRefused', message) };
  }
  const [, first, second] = /interleaved=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?/i.exec(transport) ?? [];
  const rtp = first === undefined ? channel : Number(first);
  return { channels: { rtp, rtcp: second === undefined ? rtp + 1 : Number(second) }, uri };
}

/** Null if the camera does not set up its sound, for any reason. */
async function setUpSound(options: PlaybackOptions, session: Session): Promise<SetUpResult | null> {
  if (!options.audio) return null;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(soundTimeoutMs)]);
  try {
    return await setUp({ ...options, signal }, options.audio, 2, session);
  } catch {
    options.signal.throwIfAborted();
    return null;
  }
}

function readSession(answer: RtspAnswer, session: Session): void {
  const [id = '', ...parameters] = (answer.headers.get('session')?.[0] ?? '').split(';');
  if (id.trim() !== '') session.id = id.trim();
  for (const parameter of parameters) {
    const timeout = /^\s*timeout\s*=\s*(\d{1,6})/i.exec(parameter)?.[1];
    if (timeout !== undefined && Number(timeout) > 0) session.timeoutS = Number(timeout);
  }
}

/** Tries the URIs in turn while the camera does not know them; returns the first answer if it knows none. */
async function requestAny(
  { client, signal }: Pick<PlaybackOptions, 'client' | 'signal'>,
  method: RequestName,
  uris: readonly string[],
  headers: Readonly<Record<string, string | undefined>>,
): Promise<{ answer: RtspAnswer; login: LoginState; uri: string }> {
  let first: { answer: RtspAnswer; login: LoginState; uri: string } | undefined;
  for (const uri of uris) {
    const result = { ...(await client.request(method, uri, headers, signal)), uri };
    if (!otherUriStatuses.has(result.answer.status)) return result;
    first ??= result;
  }
  if (!first) throw new Error('there is no URI to request');
  return first;
}

function keepAlive(client: RtspClient, uri: string, session: Session, signal: AbortSignal): void {
  const intervalMs = Math.min(Math.max((session.timeoutS * 1000) / 2 - 1000, keepAliveMinMs), keepAliveMaxMs);
  let method: 'GET_PARAMETER' | 'OPTIONS' = 'GET_PARAMETER';
  const timer = setInterval(() => {
    client
      .request(method, uri, { Session: session.id }, signal)
      .then(({ answer }) => {
        // Not every camera has GET_PARAMETER.
        if (answer.status >= 400 && answer.status !== 401) method = 'OPTIONS';
      })
      // A camera that does not answer may still send video.
      .catch(() => undefined);
  }, intervalMs);
  onAbort(signal, () => clearInterval(timer));
}
