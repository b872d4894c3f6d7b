import { mediaPath } from '@camplane/contracts/camera-id';
import type { StreamQuality } from '@camplane/contracts/camera-id';
import type { CameraStatus } from '@camplane/contracts/camera-status';
import { CamplaneError } from '@camplane/contracts/problem';
import type { WallClock } from '@camplane/runtime/clock';
import type { Principal } from '../access/principal.ts';
import { cameraNotFound } from '../cameras/camera-not-found.ts';
import { createIceTags } from './ice-tags.ts';
import { answersVideo, problemOfOffer } from './offer-check.ts';
import type { WebrtcServers } from './webrtc-servers.ts';
import type { WebrtcSession, WebrtcSessionIds } from './webrtc-session-ids.ts';
import type { WhepRequest, WhepResponse } from './whep-client.ts';

/** Who asks for a camera's video. The user that started a session may continue it. */
export type Holder = { cameraId: string; principal: Principal };

export type StartedSession = { id: string; sdp: string; etag: string; links: string[] };

const retryAfterSeconds = 2;

/** WHEP sessions at MediaMTX, started on behalf of callers of the API. */
export type WebrtcSessions = {
  /**
   * @throws CamplaneError `invalid-body`, `not-acceptable`, `not-live`, `camera-not-found`, `invalid-query`,
   *   `service-unavailable`
   */
  start(
    offer: Holder & { sdp: string; quality: StreamQuality; signal: AbortSignal },
  ): Promise<StartedSession>;
  /** ICE servers, as values of the header `Link`. */
  links(of: Holder & { signal: AbortSignal }): Promise<string[]>;
  /** @returns the new credentials after a restart of ICE, else null */
  trickle(
    id: string,
    part: Holder & { fragment: string; ifMatch: string | undefined; signal: AbortSignal },
  ): Promise<{ fragment: string; etag: string } | null>;
  end(id: string, by: Holder & { signal: AbortSignal }): Promise<void>;
};

export function createWebrtcSessions(deps: {
  servers: WebrtcServers;
  /** @throws CamplaneError `service-unavailable` while Camplane starts */
  ids(): WebrtcSessionIds;
  /** A ticket of the caller for the camera, which the media server's hook checks; null: everybody may read. */
  ticketOf(holder: Holder): Promise<string | null>;
  statusOf(cameraId: string): CameraStatus | undefined;
  wallClock: WallClock;
}): WebrtcSessions {
  const { servers, ids, ticketOf, statusOf } = deps;
  const tags = createIceTags(deps);

  const call = async (holder: Holder, url: string, request: WhepRequest): Promise<WhepResponse> => {
    const ticket = await ticketOf(holder);
    const authorization = ticket === null ? {} : { authorization: `Bearer ${ticket}` };
    const response = await servers.request(url, {
      ...request,
      headers: { ...request.headers, ...authorization },
    });
    // The right has ended since it was checked, or the camera was deleted.
    if (response.status === 401) throw cameraNotFound(holder.cameraId);
    if (response.status >= 500) {
      throw new CamplaneError('service-unavailable', 'The media server failed, try again', {
        retryAfterSeconds,
      });
    }
    return response;
  };

  const requireSession = (id: string, holder: Holder): WebrtcSession => {
    const session = ids().sessionOf(id);
    if (session?.cameraId === holder.cameraId && session.userId === userIdOf(holder)) return session;
    throw sessionNotFound(id);
  };

  return {
    async start({ sdp, quality, signal, ...holder }) {
      requireAnswerable(sdp);
      requireQuality(quality, statusOf(holder.cameraId));
      const base = await servers.pick();
      const whepUrl = `${base}/${mediaPath(holder.cameraId, quality)}/whep`;
      const headers = { 'content-type': 'application/sdp' };
      const response = await call(holder, whepUrl, { method: 'POST', headers, body: sdp, signal });
      const { location } = response.headers;
      if (response.status === 404) throw notLive(holder.cameraId, statusOf(holder.cameraId));
      if (response.status !== 201 || location === undefined) throw notAcceptable(reasonOf(response));
      const url = new URL(location, whepUrl).href;
      if (!answersVideo(response.body)) {
        await servers.request(url, { method: 'DELETE', signal });
        throw notAcceptable('none of the offered codecs is the one of this camera');
      }
      const id = ids().idOf({ cameraId: holder.cameraId, userId: userIdOf(holder), url });
      return { id, sdp: response.body, etag: tags.issue(id), links: linksOf(response) };
    },
    async links({ signal, ...holder }) {
      const url = `${await servers.pick()}/${mediaPath(holder.cameraId, 'main')}/whep`;
      return linksOf(await call(holder, url, { method: 'OPTIONS', signal }));
    },
    async trickle(id, { fragment, ifMatch, signal, ...holder }) {
      const session = requireSession(id, holder);
      tags.requireCurrent(id, ifMatch);
      const headers = { 'content-type': 'application/trickle-ice-sdpfrag' };
      const response = await call(holder, session.url, { method: 'PATCH', headers, body: fragment, signal });
      if (response.status === 404) throw sessionNotFound(id);
      if (response.status === 400) {
        throw new CamplaneError('invalid-body', `The fragment is not valid: ${reasonOf(response)}`);
      }
      return response.status === 200 ? { fragment: response.body, etag: tags.issue(id) } : null;
    },
    async end(id, { signal, ...holder }) {
      const session = requireSession(id, holder);
      const response = await call(holder, session.url, { method: 'DELETE', signal });
      if (response.status === 404) throw sessionNotFound(id);
    },
  };
}

/** Empty without access control. */
function userIdOf({ principal }: Holder): string {
  return principal.kind === 'user' ? principal.userId : '';
}

function requireAnswerable(sdp: string): void {
  const problem = problemOfOffer(sdp);
  if (problem === null) return;
  if (problem.kind === 'unacceptable') throw new CamplaneError('not-acceptable', problem.message);
  const fields = [{ path: 'sdp', message: problem.message }];
  throw new CamplaneError('invalid-body', `sdp: ${problem.message}`, { fields });
}

function requireQuality(quality: StreamQuality, status: CameraStatus | undefined): void {
  if (quality === 'main' || !status || status.endpoints.sub !== null) return;
  const message = 'must be main: this camera has no sub stream (source.subUrl)';
  throw new CamplaneError('invalid-query', `quality: ${message}`, { fields: [{ path: 'quality', message }] });
}

function notLive(id: string, status: CameraStatus | undefined): CamplaneError {
  const why = status === undefined || status.message === '' ? '' : `: ${status.message}`;
  return new CamplaneError('not-live', `Camera '${id}' is not live${why}`, { retryAfterSeconds });
}

function notAcceptable(reason: string): CamplaneError {
  return new CamplaneError('not-acceptable', `The offer cannot be answered: ${reason}`);
}

function sessionNotFound(id: string): CamplaneError {
  return new CamplaneError('session-not-found', `No WebRTC session has the id '${id.slice(0, 64)}'`);
}

/** MediaMTX answers errors as `{"status":"error","error":"…"}`. */
function reasonOf({ status, body }: WhepResponse): string {
  return /"error":"([^"\\]{1,200})"/.exec(body)?.[1] ?? `the media server answered ${status}`;
}

/** Node.js joins several `Link` headers. */
function linksOf({ headers }: WhepResponse): string[] {
  const { link } = headers;
  return link === undefined ? [] : [link].flat();
}
