import { isLoopback } from '@camplane/runtime/loopback';
import type { AuthRequest } from './auth-request.ts';
import { equalText } from '@camplane/runtime/equal-text';
import type { ReaderGate } from './reader-gate.ts';
import type { ServicePasses } from './service-passes.ts';
import { serviceUser } from './service-passes.ts';

/** Marks Camplane's own readers in a list of processes: `rtsp://…/front-door?camplane=tap`. Grants nothing. */
export const tapQuery = 'camplane=tap';

export type AccessRules = {
  isKnownPath: (path: string) => boolean;
  /** For the control API, where MediaMTX calls the hook for it; null refuses all access. */
  apiCredentials: { username: string; password: string } | null;
  passes: Pick<ServicePasses, 'accepts'>;
  gate: ReaderGate;
};

export type AccessDecision =
  | {
      allow: true;
      /** Set for a new reader. `id` is null if MediaMTX sends no session id. `isOwn`: not a viewer. */
      reader: { path: string; id: string | null; protocol: string; isOwn: boolean } | null;
    }
  /** `reason` is for the log; the client does not receive it. */
  | { allow: false; reason: string };

/** Decides one request of the hook. */
export function decideAccess(request: AuthRequest, rules: AccessRules): AccessDecision {
  switch (request.action) {
    case 'publish':
      return decidePublish(request, rules);
    case 'read':
    case 'playback':
      return decideRead(request, rules);
    case 'api':
      return decideApi(request, rules);
    default:
      return refuse(`the action '${request.action}' is not supported`);
  }
}

/**
 * Only Camplane's own FFmpeg on this machine publishes, over RTSP. A web page in the user's browser also reaches
 * loopback ports, over WHIP and over RTSP inside a WebSocket, but has no pass.
 */
function decidePublish(request: AuthRequest, rules: AccessRules): AccessDecision {
  if (request.protocol !== 'rtsp') return refuse(`publishing over '${request.protocol}' is not supported`);
  if (!isLoopback(request.ip)) return refuse('publishing is allowed from loopback only');
  if (!rules.isKnownPath(request.path)) return refuse('unknown path');
  if (!rules.passes.accepts(request, 'publish')) return refuse('publishing needs a pass');
  return { allow: true, reader: null };
}

/** MediaMTX can disconnect sessions of these. */
const readProtocols = ['rtsp', 'hls', 'webrtc'];

function decideRead(request: AuthRequest, rules: AccessRules): AccessDecision {
  const { path, id, protocol, action } = request;
  if (action === 'read' && !readProtocols.includes(protocol)) {
    return refuse(`reading over '${protocol}' is not supported`);
  }
  if (!rules.isKnownPath(path)) return refuse('unknown path');
  const isService = request.user === serviceUser && protocol === 'rtsp' && isLoopback(request.ip);
  const isOwn = isService && rules.passes.accepts(request, 'read');
  // FFmpeg sends its pass only after a refusal. Where everybody may read, it would otherwise count as a viewer.
  if (request.user === '' && request.query === tapQuery) return refuse('the pass is missing');
  if (isService && !isOwn && !rules.passes.accepts(request, 'view')) return refuse('the pass is not valid');
  if (!isService) {
    const admission = rules.gate.admit(request);
    if (!admission.allow) return admission;
  }
  return { allow: true, reader: action === 'read' ? { path, id, protocol, isOwn } : null };
}

function decideApi(request: AuthRequest, { apiCredentials }: AccessRules): AccessDecision {
  if (apiCredentials === null) return refuse('the control API is disabled');
  // Compare both, so that the timing does not reveal which one was wrong.
  const userMatches = equalText(request.user, apiCredentials.username);
  const passwordMatches = equalText(request.password, apiCredentials.password);
  return userMatches && passwordMatches ? { allow: true, reader: null } : refuse('wrong API credentials');
}

function refuse(reason: string): AccessDecision {
  return { allow: false, reason };
}
