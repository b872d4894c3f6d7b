import { isIP } from 'node:net';
import { sourceToUrl } from '@camplane/contracts/source-url';
import type { CameraSource } from '@camplane/contracts/source-url';
import { RunFailure } from '@camplane/supervisor/run-failure';
import { socketHost } from '../lax-tls.ts';
import type { CameraResolver } from '../network/camera-resolver.ts';
import type { OpenSource } from '../open-source.ts';
import type { SourceFacts } from '../source-facts.ts';
import { ffmpegRefusal } from './ffmpeg-limits.ts';
import { startRtspRelay } from './rtsp-relay.ts';
import { createRtspClient } from './rtsp-client.ts';
import type { RtspClient } from './rtsp-client.ts';
import { refusalOf } from './rtsp-failure.ts';
import type { Credentials, LoginKind } from './rtsp-login.ts';
import type { RtspAnswer } from './rtsp-message.ts';
import { audioOf, codecOf, describeAudio, parseDescription, videoFactsOf, videoOf } from './sdp.ts';
import type { DescribedAudio, DescribedMedia, SessionDescription } from './sdp.ts';

export type OpenRtspSourceOptions = {
  source: Extract<CameraSource, { kind: 'rtsp' }>;
  credentials: Credentials | null;
  /** Of this attempt: it checks and pins the address. */
  resolver: CameraResolver;
  /** For the connection, and for the answer to each request. */
  answerTimeoutMs: number;
  signal: AbortSignal;
};

/** What a camera answered to DESCRIBE, for people. */
export type RtspDetails = {
  login: LoginKind;
  /** From the connection to the answer that was not 401. */
  answerMs: number;
  tls: string | null;
  tracks: { type: string; codec: string; direction: string | null }[];
  audio: DescribedAudio | null;
};

export type OpenRtspSource = OpenSource & {
  readonly details: RtspDetails;
  /** The IP address that answered, for a process that connects itself. */
  readonly address: string;
};

/**
 * Opens an RTSP source with DESCRIBE (RFC 2326, section 10.2) and keeps the connection, on which a relay plays. Redirects
 * are reported, not followed. Throws RunFailure, or the reason of the signal.
 */
export async function openRtspSource(options: OpenRtspSourceOptions): Promise<OpenRtspSource> {
  const { source } = options;
  const startedMs = performance.now();
  const uri = sourceToUrl(source);
  const client = createRtspClient({ ...source, ...options });
  try {
    const { answer, login } = await client.request('DESCRIBE', uri, { Accept: 'application/sdp' });
    if (answer.status !== 200) throw refusalOf('DESCRIBE', answer, login);
    const description = parseDescription(answer.body);
    if (!description)
      throw new RunFailure('InvalidData', 'The response to DESCRIBE is not a session description.');
    const video = videoOf(description);
    if (!video) throw new RunFailure('NoVideo', 'The camera offers no video at this path.');
    return openSource({
      options,
      uri,
      client,
      answer,
      description,
      video,
      answerMs: performance.now() - startedMs,
    });
  } catch (error) {
    client.close();
    throw error;
  }
}

function openSource(opened: {
  options: OpenRtspSourceOptions;
  uri: string;
  client: RtspClient;
  answer: RtspAnswer;
  description: SessionDescription;
  video: DescribedMedia;
  answerMs: number;
}): OpenRtspSource {
  const { options, uri, client, answer, description, video } = opened;
  const audio = audioOf(description);
  const facts = factsOf(video, audio);
  const { security, address } = client.connection();
  return {
    facts,
    address,
    details: {
      login: client.loginKind,
      answerMs: Math.round(opened.answerMs),
      tls: security ? `${security.protocol}, ${security.cipher}` : null,
      tracks: description.media.map((media) => ({
        type: media.type,
        codec: codecOf(media),
        direction: media.direction,
      })),
      audio: audio ? describeAudio(audio) : null,
    },
    needsRelay:
      needsOurClient(options) ??
      ffmpegRefusal({
        credentials: options.credentials,
        challenge: client.challenge,
        hasReconnected: client.hasReconnected,
        security,
        description: answer,
        answerMs: opened.answerMs,
        video,
      }),
    relay: (relayOptions) =>
      startRtspRelay({
        ...relayOptions,
        client,
        facts,
        uri,
        contentBase: contentBaseOf(answer),
        sessionControl: description.control,
        video,
        audio: relayOptions.audio ? (audio ?? null) : null,
      }),
    close: () => client.close(),
  };
}

/** FFmpeg follows redirects of RTSP with any options, and requests in TLS the name that it connects to. */
function needsOurClient({ source, resolver }: OpenRtspSourceOptions): string | null {
  if (resolver.isRestricted) return 'FFmpeg does not check where redirects lead';
  const { secure, host } = source;
  return secure && isIP(socketHost(host)) === 0
    ? 'FFmpeg cannot connect to an address and request a name in TLS'
    : null;
}

function contentBaseOf({ headers }: RtspAnswer): string | null {
  const base = headers.get('content-base')?.[0] ?? headers.get('content-location')?.[0] ?? '';
  return /^rtsps?:\/\//i.test(base) ? base : null;
}

function factsOf(video: DescribedMedia, audio: DescribedMedia | undefined): SourceFacts {
  const stated = videoFactsOf(video);
  return {
    codec: codecOf(video),
    width: stated?.width ?? null,
    height: stated?.height ?? null,
    fps: video.fps,
    hasBFrames: stated?.hasBFrames ?? null,
    hasAudio: audio !== undefined,
  };
}
