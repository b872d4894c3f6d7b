import { parseChallenges } from './rtsp-login.ts';
import type { Credentials } from './rtsp-login.ts';
import type { RtspAnswer } from './rtsp-message.ts';
import type { TlsFacts } from './rtsp-connection.ts';
import { codecOf, parameterSetsOf } from './sdp.ts';
import type { DescribedMedia } from './sdp.ts';

/** FFmpeg copies `user:password`, percent-encoded, to a buffer of 128 bytes (libavformat/rtsp.c). */
const ffmpegLoginMaxBytes = 127;
const slowAnswerMs = 3000;

/**
 * Why FFmpeg's own RTSP client, 5.1 and newer, cannot open a source that ours has opened; null if it can, as far as
 * can be seen.
 */
export function ffmpegRefusal(seen: {
  credentials: Credentials | null;
  /** The camera's last challenge; null if it asked for no login. */
  challenge: RtspAnswer | null;
  /** The camera closed the connection with its challenge. */
  hasReconnected: boolean;
  security: TlsFacts | null;
  description: RtspAnswer;
  /** Until the description arrived. */
  answerMs: number;
  video: DescribedMedia;
}): string | null {
  const { credentials, challenge, security, description, video } = seen;
  const reasons = [
    credentials && challenge ? loginRefusal(credentials, challenge) : null,
    seen.hasReconnected ? 'the camera closes the connection when it asks for a login' : null,
    security ? tlsRefusal(security) : null,
    description.irregularity === null ? null : `the camera's answer has ${description.irregularity}`,
    // FFmpeg would wait as long again, or time out.
    seen.answerMs > slowAnswerMs ? 'the camera answers slowly' : null,
    video.isMappingGuessed ? 'the description does not name the codec' : null,
    lacksParameterSets(video) ? 'the description has no parameter sets' : null,
  ];
  return reasons.find((reason) => reason !== null) ?? null;
}

/** What FFmpeg does with a challenge (libavformat/httpauth.c): the last Digest wins, and it knows MD5 alone. */
function loginRefusal(credentials: Credentials, challenge: RtspAnswer): string | null {
  const { username, password } = credentials;
  const encoded = [username, password].map((text) =>
    encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, '%21'),
  );
  if (encoded.join(':').length > ffmpegLoginMaxBytes) return 'the user and password are too long for FFmpeg';
  const headers = challenge.headers.get('www-authenticate') ?? [];
  // FFmpeg reads one challenge from each header.
  const digest = headers
    .map((header) => parseChallenges([header])[0])
    .findLast((c) => c?.scheme === 'digest');
  if (!digest) return null;
  const algorithm = digest.parameters.get('algorithm') ?? '';
  const qop = digest.parameters.get('qop') ?? '';
  if (!['', 'MD5', 'MD5-sess'].includes(algorithm))
    return `the camera asks for a Digest login with ${algorithm}`;
  if (algorithm === 'MD5-sess' && qop === '')
    return 'the camera asks for a Digest login with MD5-sess without qop';
  if (/["\\]/.test(username)) return 'the user contains a quotation mark or a backslash';
  const isLong = ['nonce', 'opaque', 'realm'].some(
    (name) => (digest.parameters.get(name)?.length ?? 0) >= 200,
  );
  return isLong ? 'the challenge of the camera is too long for FFmpeg' : null;
}

/** Builds of FFmpeg differ: what is refused by any of them counts. */
function tlsRefusal({ protocol, cipher, rsaBits, dhBits }: TlsFacts): string | null {
  if (!/^TLSv1\.[23]$/.test(protocol)) return `the camera speaks ${protocol}`;
  // Key exchange without forward secrecy is switched off in some builds.
  if (/^TLS_RSA_|RC4|DES|NULL|EXPORT|anon|MD5|SEED|IDEA|CAMELLIA|ARIA/i.test(cipher))
    return `the camera speaks TLS with ${cipher}`;
  if ((rsaBits ?? 2048) < 2048) return `the key of the camera's certificate has ${rsaBits} bits`;
  return (dhBits ?? 2048) < 2048 ? `the camera's key exchange has ${dhBits} bits` : null;
}

/** FFmpeg ends its analysis before a key frame brings them. */
function lacksParameterSets(video: DescribedMedia): boolean {
  const codec = codecOf(video);
  const needed = codec === 'h264' ? 2 : codec === 'h265' ? 3 : 0;
  return parameterSetsOf(video).length < needed;
}
