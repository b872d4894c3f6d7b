import { z } from 'zod';
import { streamQualitySchema } from './camera-id.ts';

export const sdpMaxLength = 48 * 1024;

function sdpExample(direction: 'recvonly' | 'sendonly'): string {
  const lines = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=video 9 UDP/TLS/RTP/SAVPF 102',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:x7Yd',
    'a=ice-pwd:0123456789abcdef01234567',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '0F').join(':')}`,
    `a=setup:${direction === 'recvonly' ? 'actpass' : 'active'}`,
    'a=mid:0',
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** A session description (RFC 8866). What it must contain is checked when it is answered. */
export const sdpSchema = z
  .string()
  .max(sdpMaxLength, `must be at most ${sdpMaxLength} characters`)
  .regex(/^v=0\r?\n[^\0]*$/, 'must be a session description, which begins with v=0 and has no NUL')
  .meta({ examples: [sdpExample('recvonly')] });

/** ICE candidates or credentials (RFC 8840): the body of a trickle. */
export const sdpFragmentSchema = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^[^\0]*$/, 'must not contain NUL')
  .max(sdpMaxLength, `must be at most ${sdpMaxLength} characters`)
  .meta({
    examples: [
      'a=ice-ufrag:x7Yd\r\na=ice-pwd:0123456789abcdef01234567\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n',
    ],
  });

/** Body of `offerWebrtc` (R2.4): what `RTCPeerConnection.localDescription` serializes to. */
export const webrtcOfferSchema = z.strictObject({
  sdp: sdpSchema,
  type: z.literal('offer', { error: 'must be offer' }),
});

/** Answer of `offerWebrtc`, for `RTCPeerConnection.setRemoteDescription`. */
export const webrtcAnswerSchema = z.object({
  sdp: z.string().meta({ examples: [sdpExample('sendonly')] }),
  type: z.literal('answer'),
});

/** Query of the operations that start a WebRTC session. */
export const webrtcQuerySchema = z.strictObject({
  quality: streamQualitySchema.default('main').describe('`sub`: the smaller stream, if the camera has one'),
});
