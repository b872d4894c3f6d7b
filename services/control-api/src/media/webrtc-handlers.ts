import { operationPath } from '@camplane/contracts/operations';
import type { Principal } from '../access/principal.ts';
import type { CameraIdentity } from '../access/authorize.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import type { Handlers } from '../http/api-router.ts';
import type { WebrtcSessions } from './webrtc-sessions.ts';

export type WebrtcOperation =
  'offerWebrtc' | 'createWhepSession' | 'readWhepOptions' | 'updateWhepSession' | 'deleteWhepSession';

/** Video over WebRTC through the API. The media itself goes directly between MediaMTX and the peer. */
export function webrtcHandlers(deps: {
  sessions: WebrtcSessions;
  cameras: { identity(id: string): CameraIdentity | undefined };
}): Pick<Handlers, WebrtcOperation> {
  const { sessions } = deps;
  const holderOf = (cameraId: string, principal: Principal) => {
    if (!deps.cameras.identity(cameraId)) throw cameraNotFound(cameraId);
    return { cameraId, principal };
  };

  return {
    offerWebrtc: async ({ id, body, query, principal, signal }) => {
      const offer = { ...holderOf(id, principal), sdp: body.sdp, ...query, signal };
      const started = await sessions.start(offer);
      const Location = operationPath('deleteWhepSession', { id, session: started.id });
      return { answer: { sdp: started.sdp, type: 'answer' }, headers: { Location } };
    },
    createWhepSession: async ({ id, body, query, principal, signal, response }) => {
      const offer = { ...holderOf(id, principal), sdp: body, ...query, signal };
      const { id: session, sdp, etag, links } = await sessions.start(offer);
      response.status(201).set({
        Location: operationPath('deleteWhepSession', { id, session }),
        ETag: etag,
        'Accept-Patch': 'application/trickle-ice-sdpfrag',
        'Cache-Control': 'no-store',
        'Content-Type': 'application/sdp',
        ...(links.length === 0 ? {} : { Link: links }),
      });
      response.end(sdp);
      return 'sent';
    },
    readWhepOptions: async ({ id, principal, signal, response }) => {
      const links = await sessions.links({ ...holderOf(id, principal), signal });
      response.set({
        Allow: 'POST, OPTIONS',
        'Accept-Post': 'application/sdp',
        ...(links.length === 0 ? {} : { Link: links }),
      });
      return 'empty';
    },
    updateWhepSession: async ({ id, session, body, ifMatch, principal, signal, response }) => {
      const part = { ...holderOf(id, principal), fragment: body, ifMatch, signal };
      const restarted = await sessions.trickle(session, part);
      if (restarted === null) return 'empty';
      response.status(200).set({
        ETag: restarted.etag,
        'Cache-Control': 'no-store',
        'Content-Type': 'application/trickle-ice-sdpfrag',
      });
      response.end(restarted.fragment);
      return 'sent';
    },
    deleteWhepSession: async ({ id, session, principal, signal }) => {
      await sessions.end(session, { ...holderOf(id, principal), signal });
      return 'empty';
    },
  };
}
