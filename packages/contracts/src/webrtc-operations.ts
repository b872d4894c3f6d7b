import type { Operation } from './operation.ts';
import { apiRoot, guarded, written } from './operation-parts.ts';
import {
  sdpFragmentSchema,
  sdpSchema,
  webrtcAnswerSchema,
  webrtcOfferSchema,
  webrtcQuerySchema,
} from './webrtc.ts';

const camera = `${apiRoot}/cameras/{id}` as const;
const whep = `${camera}/whep` as const;
const session = `${whep}/{session}` as const;
const started = [
  'invalid-query',
  'camera-not-found',
  'not-live',
  'not-acceptable',
  'service-unavailable',
] as const;

/** Video over WebRTC: the offer of R2.4, and WHEP (draft-ietf-wish-whep). */
export const webrtcOperations = {
  offerWebrtc: {
    method: 'post',
    path: `${camera}/webrtc/offer`,
    permission: 'camera.view',
    summary: 'Play a camera over WebRTC: answer an offer that contains its candidates',
    query: webrtcQuerySchema,
    body: webrtcOfferSchema,
    answer: {
      status: 200,
      description: 'The answer. `Location` is the session, which DELETE ends',
      schema: webrtcAnswerSchema,
    },
    cors: true,
    problems: [...written, ...guarded, ...started],
    limit: 'write',
  },
  createWhepSession: {
    method: 'post',
    path: whep,
    permission: 'camera.view',
    summary: 'Play a camera over WebRTC with WHEP',
    query: webrtcQuerySchema,
    body: sdpSchema,
    bodyTypes: ['application/sdp'],
    answer: {
      status: 201,
      description: 'The answer. `Location` is the session, `Link` the ICE servers',
      contentType: 'application/sdp',
    },
    etag: true,
    cors: true,
    problems: [...written, ...guarded, ...started],
    limit: 'write',
  },
  readWhepOptions: {
    method: 'options',
    path: whep,
    permission: 'camera.view',
    summary: 'Get the ICE servers for a WHEP session',
    answer: { status: 204, description: '`Link` has the ICE servers, `Accept-Post` the type of an offer' },
    cors: true,
    problems: ['cross-origin', 'camera-not-found', 'service-unavailable'],
    limit: 'none',
  },
  updateWhepSession: {
    method: 'patch',
    path: session,
    permission: 'camera.view',
    summary: 'Send ICE candidates of a WHEP session, or restart ICE',
    body: sdpFragmentSchema,
    bodyTypes: ['application/trickle-ice-sdpfrag'],
    answer: { status: 204, description: 'Added. An ICE restart is answered 200 with the new credentials' },
    ifMatch: true,
    cors: true,
    problems: [
      ...written,
      ...guarded,
      ...(['camera-not-found', 'session-not-found', 'service-unavailable'] as const),
      ...(['precondition-required', 'precondition-failed'] as const),
    ],
    limit: 'write',
  },
  deleteWhepSession: {
    method: 'delete',
    path: session,
    permission: 'camera.view',
    summary: 'End a WHEP session',
    answer: { status: 200, description: 'Ended' },
    cors: true,
    problems: [...guarded, 'camera-not-found', 'session-not-found', 'service-unavailable'],
    limit: 'write',
  },
} as const satisfies Record<string, Operation>;
