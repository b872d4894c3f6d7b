/** Why an offer cannot be answered: it is malformed, or asks for something that a camera does not send. */
export type OfferProblem = { kind: 'malformed' | 'unacceptable'; message: string };

/** Codecs of cameras that WebRTC can carry. */
const videoCodecs = ['H264', 'H265', 'AV1', 'VP8', 'VP9'];

/** Checks an offer before the media server gets it, whose errors do not say what to change. Null: it can be answered. */
export function problemOfOffer(sdp: string): OfferProblem | null {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m);
  const has = (name: string) =>
    [session, ...media].some((part) => new RegExp(`^a=${name}:\\S`, 'm').test(part));
  if (media.length === 0) return malformed('has no media (m= lines)');
  for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint']) {
    if (!has(name)) return malformed(`has no a=${name}: send what RTCPeerConnection.createOffer returned`);
  }
  const received = media.filter(
    (section) => section.startsWith('m=video') && /^a=(recvonly|sendrecv)\s*$/m.test(section),
  );
  if (received.length === 0) {
    return {
      kind: 'unacceptable',
      message: "The offer receives no video: add a transceiver ('video', { direction: 'recvonly' })",
    };
  }
  const offered = received.flatMap((section) =>
    [...section.matchAll(/^a=rtpmap:\d+ ([^/\s]+)/gm)].map(([, codec = '']) => codec.toUpperCase()),
  );
  if (offered.some((codec) => videoCodecs.includes(codec))) return null;
  return {
    kind: 'unacceptable',
    message: `The offer has no video codec of cameras: offer one of ${videoCodecs.join(', ')}`,
  };
}

/** Whether an answer has video; a media server rejects a medium with port 0 (RFC 8829, section 5.3.1). */
export function answersVideo(sdp: string): boolean {
  return /^m=video (?!0 )/m.test(sdp);
}

function malformed(message: string): OfferProblem {
  return { kind: 'malformed', message };
}
