import { z } from 'zod';
import { streamQualitySchema } from './camera-id.ts';

export const sdpMaxLength = 48 * 1024;

/** A session description (RFC 8866). What it must contain is checked when it is answered. */
export const sdpSchema = z
  .string()
  .max(sdpMaxLength, `must be at most ${sdpMaxLength} characters`)
  .regex(
    // eslint-disable-next-line no-control-regex -- it matches NUL on purpose
    /^v=0\r?\n[^\x00]*$/,
    'must be a session description, which begins with v=0 and has no NUL',
  );

/** ICE candidates or credentials (RFC 8840): the body of a trickle. */
export const sdpFragmentSchema = z
  .string()
  .min(1, 'must not be empty')
  // eslint-disable-next-line no-control-regex -- it matches NUL on purpose
  .regex(/^[^\x00]*$/, 'must not contain NUL')
  .max(sdpMaxLength, `must be at most ${sdpMaxLength} characters`);

/** Body of `offerWebrtc` (R2.4): what `RTCPeerConnection.localDescription` serializes to. */
export const webrtcOfferSchema = z.strictObject({
  sdp: sdpSchema,
  type: z.literal('offer', { error: 'must be offer' }),
});

/** Answer of `offerWebrtc`, for `RTCPeerConnection.setRemoteDescription`. */
export const webrtcAnswerSchema = z.object({
  sdp: z.string(),
  type: z.literal('answer'),
});

/** Query of the operations that start a WebRTC session. */
export const webrtcQuerySchema = z.strictObject({
  quality: streamQualitySchema.default('main').describe('`sub`: the smaller stream, if the camera has one'),
});
